// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reporting what makes a text no YAML.

#ifndef OPTRUN_LIB_RECIPE_YAMLERRORS_H
#define OPTRUN_LIB_RECIPE_YAMLERRORS_H

#include "optrun/Support/Diagnostics.h"

#include <optional>

namespace optrun {

/// Reports a byte that YAML does not allow: no UTF-8, or a control character. True when there is
/// none.
bool checkCharacters(llvm::StringRef text, Diagnostics &diagnostics);

/// Reports the syntax error that yaml-cpp calls \p message and found at byte \p offset of \p text,
/// while the collection at \p openCollection was being read.
void reportSyntaxError(llvm::StringRef text, size_t offset, llvm::StringRef message,
                       std::optional<llvm::SMLoc> openCollection, Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_YAMLERRORS_H

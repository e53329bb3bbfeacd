// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Mappings with a fixed set of keys.

#ifndef OPTRUN_LIB_RECIPE_KEYS_H
#define OPTRUN_LIB_RECIPE_KEYS_H

#include "optrun/Options/ConfigNode.h"
#include "optrun/Support/Diagnostics.h"

namespace optrun {

/// Reports the keys of \p mapping that are not among \p known, each with a suggestion. Returns the
/// known keys that were suggested: their absence is no error of its own.
std::vector<std::string> reportUnknownKeys(const ConfigNode &mapping,
                                           llvm::ArrayRef<std::string> known,
                                           Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_KEYS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Text files of checkpoints, read as a whole.

#ifndef OPTRUN_LIB_CHECKPOINT_SMALLFILE_H
#define OPTRUN_LIB_CHECKPOINT_SMALLFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace optrun::checkpoint {

/// An error when the file has more than \p maxBytes bytes.
llvm::Expected<std::string> readSmallFile(llvm::StringRef path, uint64_t maxBytes);

/// An error unless \p text is one JSON object without keys that are there twice, nested no deeper
/// than people nest: what others may parse into a tree.
llvm::Error checkJsonObject(llvm::StringRef text);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_SMALLFILE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The two kinds of staged output.

#ifndef OPTRUN_LIB_STORAGE_STAGEDFOLDERS_H
#define OPTRUN_LIB_STORAGE_STAGEDFOLDERS_H

#include "optrun/Storage/StagedOutput.h"

namespace optrun::staging {

/// Stages \p relative ("out", or "a/b/out" when a and b are missing as well) in the existing folder
/// \p parent: the whole tree is built under a temporary name and renamed in one step. \p shown is
/// the path as the user wrote it.
llvm::Expected<std::unique_ptr<StagedFolder>>
makeWholeFolder(llvm::StringRef shown, llvm::StringRef parent, llvm::StringRef relative);

/// Stages single files in the existing folder \p folder.
llvm::Expected<std::unique_ptr<StagedFolder>>
makeFilesInFolder(llvm::StringRef shown, llvm::StringRef folder, std::vector<std::string> replaces);

} // namespace optrun::staging

#endif // OPTRUN_LIB_STORAGE_STAGEDFOLDERS_H

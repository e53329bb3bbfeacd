// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What an earlier run has left in an output folder.

#ifndef OPTRUN_PASSES_EXPORT_EARLIERRESULT_H
#define OPTRUN_PASSES_EXPORT_EARLIERRESULT_H

#include "optrun/IR/Package.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace optrun::exporting {

/// The files that export wrote to \p folder, the manifest included, as that manifest lists them;
/// nullopt when there is no manifest. Names that export never writes are left out: a manifest is
/// text, and must not make us remove somebody's file. An error for a manifest.json that is not
/// ours.
llvm::Expected<std::optional<std::vector<std::string>>> findEarlierResult(llvm::StringRef folder);

/// An error when one of \p names in \p folder is a file that this run reads: \p sources.
llvm::Error refuseToReplaceSources(llvm::StringRef folder, llvm::ArrayRef<std::string> names,
                                   llvm::ArrayRef<ir::InputFile> sources);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_EARLIERRESULT_H

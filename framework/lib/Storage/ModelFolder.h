// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which file a name in a model means: the names of data files come with the model, from anybody.

#ifndef OPTRUN_LIB_STORAGE_MODELFOLDER_H
#define OPTRUN_LIB_STORAGE_MODELFOLDER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace optrun {

/// The folder of a model. Where a name may lead:
///  - "name": a file in the folder. It may be a symlink to anywhere, because whoever placed the
///    model placed the link (a Hugging Face cache is a folder of links into ../../blobs). When the
///    model itself is a link and the name is not beside the link, it is looked for beside the
///    link's target.
///  - "folder/name": the same folder or one below it, links resolved; never out of it.
///  - ".." and absolute paths are refused.
class ModelFolder {
public:
  /// The folder of \p modelPath, as the user gave it. Messages begin with \p subject ("the location
  /// of its data") and say \p rule ("external data must lie …").
  static ModelFolder ofFile(llvm::StringRef modelPath, std::string subject, std::string rule);

  /// The resolved path of \p name.
  llvm::Expected<std::string> locate(llvm::StringRef name) const;

private:
  /// The folder of the path that the user gave, and that of the file behind it; both resolved.
  std::string folder, targetFolder;
  std::string subject, rule;
};

} // namespace optrun

#endif // OPTRUN_LIB_STORAGE_MODELFOLDER_H

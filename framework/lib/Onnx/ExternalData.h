// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ONNX external data: which file a location means, and whether a range of it may be used.

#ifndef OPTRUN_LIB_ONNX_EXTERNALDATA_H
#define OPTRUN_LIB_ONNX_EXTERNALDATA_H

#include "Storage/ModelFolder.h"

#include "optrun/IR/TensorSource.h"

#include "llvm/ADT/StringMap.h"

#include <map>

namespace optrun::onnx {

/// What the external_data entries of one tensor say.
struct ExternalRange {
  llvm::StringRef location;
  uint64_t offset = 0;
  uint64_t length = 0;
};

/// The data files of one model. Where a location may lead: see ModelFolder.
class ExternalData {
public:
  /// \p modelPath: as the user gave it.
  explicit ExternalData(llvm::StringRef modelPath);

  /// The source for the bytes of \p tensorName. Equal ranges give the same source object.
  llvm::Expected<ir::TensorSourceRef> resolve(llvm::StringRef tensorName,
                                              const ExternalRange &range);

  /// An error when two tensors use ranges that overlap without being equal.
  llvm::Error checkOverlaps() const;

  /// Resolved paths in order of first use.
  const std::vector<std::string> &files() const { return paths; }

private:
  struct DataFile {
    std::shared_ptr<const FileHandle> handle;
    struct User {
      std::string tensorName;
      ir::TensorSourceRef source;
    };
    /// By offset and length.
    std::map<std::pair<uint64_t, uint64_t>, User> ranges;
  };

  llvm::Expected<DataFile *> open(llvm::StringRef location);

  ModelFolder folder;
  llvm::StringMap<DataFile *> byLocation;
  /// By device and inode: two names of one file are one file.
  std::map<std::pair<uint64_t, uint64_t>, DataFile> byIdentity;
  std::vector<std::string> paths;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_EXTERNALDATA_H

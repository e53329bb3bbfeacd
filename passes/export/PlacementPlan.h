// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decides, before a byte is written, which file holds each weight and where in it.

#ifndef OPTRUN_PASSES_EXPORT_PLACEMENTPLAN_H
#define OPTRUN_PASSES_EXPORT_PLACEMENTPLAN_H

#include "optrun/IR/Payloads.h"
#include "optrun/Onnx/OnnxWriter.h"

#include <limits>

namespace optrun::exporting {

/// Where payloads start in the files that we write: page-aligned, so that readers can map them.
inline constexpr uint64_t PayloadAlignment = 4096;

/// One payload of a data file.
struct PlacedPayload {
  ir::TensorRef tensor;
  uint64_t offset = 0;
};

/// A data file that components refer to.
struct DataFile {
  enum class Kind {
    Built,   ///< made of payloads
    Scratch, ///< the scratch file that passes have filled, offsets kept, and payloads behind it
    Copied,  ///< a whole data file of the model, offsets kept
    Linked,  ///< a hard link to it
    Own      ///< the model's own, where it is: nothing is written
  };
  Kind kind = Kind::Built;
  std::string name;                         // relative to the output folder
  std::vector<PlacedPayload> payloads;      // Built and Scratch: by offset
  std::shared_ptr<const FileHandle> source; // the others
  uint64_t size = 0;                        // bytes, padding between payloads included
};

struct ComponentPlacement {
  llvm::DenseMap<const ir::Tensor *, onnx::ExternalPlace> external;
  std::vector<size_t> files; // into PlacementPlan::files, ascending
};

struct PlacementPlan {
  std::vector<DataFile> files;
  std::vector<ComponentPlacement> components;
};

using Components = llvm::ArrayRef<std::unique_ptr<ir::Component>>;

/// Everything stays in the .onnx files.
PlacementPlan placeInline(Components components);

/// One data file for each component that has weights, \p onnxNames[i] + ".data"; several
/// (\p onnxNames[i] + "-00001-of-00002.data" …) where it would have more than \p maxFileSize bytes.
/// A tensor is never divided: a larger one has a file of its own. Where a scratch file holds little
/// but weights of the only component, it becomes the data file, and is not copied.
PlacementPlan placeSingle(Components components, llvm::ArrayRef<std::string> onnxNames,
                          uint64_t maxFileSize = std::numeric_limits<uint64_t>::max());

/// What placeShared may do with the model's own files.
struct SharedPlacement {
  /// The output folder, absolute and without symlinks; empty: never use the model's files in place.
  std::string folder;
  /// The model's .onnx file: its graph makes it unfit for being copied whole as a data file.
  std::string modelFile;
  bool hardLinks = false;
};

/// All components use the same data files. A payload in a file below the folder is used there. The
/// files of the others are linked when asked; else, when they all lie in one file of external data,
/// this is copied whole; else one file is built that holds each payload once.
PlacementPlan placeShared(Components components, const SharedPlacement &options);

/// True when constants of a component share a payload (tied weights): inside an .onnx file it would
/// have to be stored for each of them.
bool hasTiedPayloads(const ir::Component &component);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_PLACEMENTPLAN_H

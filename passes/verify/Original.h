// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The model that components are compared with.

#ifndef OPTRUN_PASSES_VERIFY_ORIGINAL_H
#define OPTRUN_PASSES_VERIFY_ORIGINAL_H

#include "HalfPrecision.h"

#include "optrun/Pass/PassContext.h"
#include "optrun/Runtime/RunningPass.h"
#include "optrun/Runtime/Session.h"

namespace optrun::verify {

/// A graph, and how ONNX Runtime loads it. No weights are in memory.
class Original {
public:
  /// The ONNX model at \p path.
  static llvm::Expected<std::unique_ptr<Original>> inFile(llvm::StringRef path);

  /// \p model, which was captured from something else than an ONNX file and is called \p name.
  /// ONNX Runtime uses its weights where they lie, if it can. If they lie apart or are not stored
  /// as the graph has them, they are written to a file in \p scratch, which is gone with this
  /// object.
  static llvm::Expected<std::unique_ptr<Original>> captured(const ir::Component &model,
                                                            llvm::StringRef name,
                                                            StagedFolder &scratch,
                                                            PassContext &context);

  const ir::Component &graph() const { return *model; }
  const std::string &name() const { return shownName; }

  /// From now on values are rounded at \p cuts (HalfPrecision.h) in sessions without graph
  /// optimizations; these would undo the rounding.
  llvm::Error roundAt(llvm::ArrayRef<HalfPrecisionCut> cuts, Chain chain);

  llvm::Expected<std::unique_ptr<runtime::Session>>
  open(const runtime::SessionOptions &options) const;

private:
  llvm::Expected<std::vector<uint8_t>> serialize() const;

  std::string shownName;
  std::unique_ptr<ir::Component> model;
  runtime::PlacedWeights weights;
  std::string path;                         // of the ONNX file, if it is one
  std::vector<uint8_t> asCaptured, rounded; // serialized; empty when there is no such model
};

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_ORIGINAL_H

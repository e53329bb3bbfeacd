// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The model as it was captured, for passes that compare with it (verify).

#ifndef OPTRUN_RESULTS_CAPTUREDMODEL_H
#define OPTRUN_RESULTS_CAPTUREDMODEL_H

#include "optrun/IR/Package.h"

namespace optrun {

class CapturedModel final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.CapturedModel/1";
  CapturedModel();
  ~CapturedModel() override;
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  /// What capture built from a checkpoint; its weights lie in the checkpoint's files. Null when the
  /// model is an ONNX file: then the package's first source is all there is to know.
  std::unique_ptr<ir::Component> graph;
};

} // namespace optrun

#endif // OPTRUN_RESULTS_CAPTUREDMODEL_H

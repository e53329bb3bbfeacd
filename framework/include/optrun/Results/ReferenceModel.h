// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the components have to compute once passes have changed values on purpose.

#ifndef OPTRUN_RESULTS_REFERENCEMODEL_H
#define OPTRUN_RESULTS_REFERENCEMODEL_H

#include "optrun/IR/Package.h"

namespace optrun {

/// Left by passes that compress weights. Without it, components compute what was captured.
class ReferenceModel final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.ReferenceModel/1";
  ReferenceModel();
  ~ReferenceModel() override;
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  /// The whole model, however the package is divided, with the changed weights. Not null.
  std::unique_ptr<ir::Component> graph;
  std::vector<std::string> changedBy; ///< ids of passes: "quantize"
};

/// A copy of the reference if there is one, else of the whole model as it was captured: the one
/// component of a package that is not split, the captured graph, or the file that it was read from.
llvm::Expected<std::unique_ptr<ir::Component>> copyWholeModel(const ir::Package &package);

} // namespace optrun

#endif // OPTRUN_RESULTS_REFERENCEMODEL_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The whole model, for passes that change it and for those that compare.

#include "optrun/Results/ReferenceModel.h"

#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Results/CapturedModel.h"

#include "llvm/ADT/StringExtras.h"

namespace optrun {

ReferenceModel::ReferenceModel() = default;
ReferenceModel::~ReferenceModel() = default;

void ReferenceModel::print(llvm::raw_ostream &os) const {
  os << "changed by " << llvm::join(changedBy, ", ") << ": " << graph->graph.nodes().size()
     << " nodes, " << ir::weightBytes(*graph) << " bytes of weights\n";
}

llvm::Expected<std::unique_ptr<ir::Component>> copyWholeModel(const ir::Package &package) {
  if (const auto *reference = package.attachments.get<ReferenceModel>())
    return ir::cloneComponent(*reference->graph);
  if (package.components.size() == 1)
    return package.cloneComponent(0);
  if (const auto *captured = package.attachments.get<CapturedModel>(); captured && captured->graph)
    return ir::cloneComponent(*captured->graph);
  if (package.sources.empty())
    return llvm::createStringError("the package is split, and nothing says what it was before");
  llvm::Expected<onnx::ReadResult> read = onnx::readModel(package.sources.front().path);
  if (!read)
    return read.takeError();
  return std::move(read->component);
}

} // namespace optrun

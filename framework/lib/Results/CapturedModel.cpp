// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The record of what capture has built.

#include "optrun/Results/CapturedModel.h"

namespace optrun {

CapturedModel::CapturedModel() = default;
CapturedModel::~CapturedModel() = default;

void CapturedModel::print(llvm::raw_ostream &os) const {
  if (!graph)
    os << "an ONNX file\n";
  else
    os << "a graph of " << graph->graph.nodes().size() << " nodes, " << ir::weightBytes(*graph)
       << " bytes of weights\n";
}

} // namespace optrun

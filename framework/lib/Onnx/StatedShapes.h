// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shapes that a file states for what nodes compute, and that are wrong.

#ifndef OPTRUN_LIB_ONNX_STATEDSHAPES_H
#define OPTRUN_LIB_ONNX_STATEDSHAPES_H

#include "ProtoSupport.h"

#include "optrun/IR/Graph.h"

namespace optrun::onnx {

/// Whether the file states a fixed extent of anything that a node of \p graph computes.
bool statesExtents(const ir::Graph &graph);

/// Removes the stated shapes of what nodes compute, so that inference finds these by itself.
void dropStatedShapes(const ir::Graph &graph, proto::GraphProto &model);

/// Where \p model, after inference without the stated shapes, has another fixed extent than is
/// stated, takes that over. One warning for each such value; many are summed up.
void correctStatedShapes(ir::Graph &graph, const proto::GraphProto &model,
                         std::vector<std::string> &warnings);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_STATEDSHAPES_H

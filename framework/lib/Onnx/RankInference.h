// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Ranks that the ONNX library's shape inference does not find.

#ifndef OPTRUN_LIB_ONNX_RANKINFERENCE_H
#define OPTRUN_LIB_ONNX_RANKINFERENCE_H

#include "ProtoSupport.h"

namespace optrun::onnx {

/// Reshape, Expand and ConstantOfShape take a shape as a tensor. When the library cannot tell its
/// elements, it leaves the result without rank, and with it all that follows; but the length of the
/// shape is known mostly. Gives such results in \p graph, which the library has been over, a shape
/// of unknown extents. True when there were any: the library then finds more. Nested graphs are
/// left out.
bool inferRanks(proto::GraphProto &graph);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_RANKINFERENCE_H

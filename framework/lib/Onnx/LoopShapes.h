// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shapes of what a Loop carries, which the ONNX library leaves open.

#ifndef OPTRUN_LIB_ONNX_LOOPSHAPES_H
#define OPTRUN_LIB_ONNX_LOOPSHAPES_H

#include "ProtoSupport.h"

#include <map>
#include <onnx/defs/schema.h>

namespace optrun::onnx {

/// The library's schemas of Loop, by the opset that each is of, with an inference function that
/// adds to what the library finds: a carried output has the rank and the extents that its initial
/// value and the body's output share. (The library leaves it without a rank, since it might change
/// from one iteration to the next.)
std::map<int, proto::OpSchema> makeLoopSchemas();

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_LOOPSHAPES_H

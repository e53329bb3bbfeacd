// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ONNX's own operators whose inference in the ONNX library does not serve as it is.

#ifndef OPTRUN_LIB_ONNX_AMENDEDSCHEMAS_H
#define OPTRUN_LIB_ONNX_AMENDEDSCHEMAS_H

#include "ProtoSupport.h"

#include <map>
#include <onnx/defs/schema.h>

namespace optrun::onnx {

/// Schemas of one operator, by the opset that each is of.
using SchemaVersions = std::map<int, proto::OpSchema>;

/// By operator, the library's schemas with other inference functions:
///
/// Loop: a carried output has the rank and the extents that its initial value and the body's output
/// share. (The library leaves it without a rank, since it might change from one iteration to the
/// next.)
///
/// Einsum: equations that are none are refused. (The library does not come to an end with them.)
std::map<std::string, SchemaVersions> makeAmendedSchemas();

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_AMENDEDSCHEMAS_H

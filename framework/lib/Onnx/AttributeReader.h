// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// AttributeProto to ir::Attribute.

#ifndef OPTRUN_LIB_ONNX_ATTRIBUTEREADER_H
#define OPTRUN_LIB_ONNX_ATTRIBUTEREADER_H

#include "GraphReader.h"

namespace optrun::onnx {

/// \p node: the owner, which nested graphs point to; null for the defaults of a function's
/// attributes. \p scope: the graph that names in nested graphs resolve from.
llvm::Expected<ir::Attribute> readAttribute(GraphReader &scope, ir::Node *node, Bytes message);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_ATTRIBUTEREADER_H

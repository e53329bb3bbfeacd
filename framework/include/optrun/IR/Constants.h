// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The constant behind a value: ONNX has initializers, and Constant nodes.

#ifndef OPTRUN_IR_CONSTANTS_H
#define OPTRUN_IR_CONSTANTS_H

#include "optrun/IR/Graph.h"

namespace optrun::ir {

/// The tensor that a Constant node holds as its `value`. Null for other nodes, for the other
/// attributes of Constant (sparse tensors, plain numbers and texts), and where a function fills in
/// an attribute of its own.
TensorRef constantOf(const Node &node);

/// The tensor of \p value, a dense initializer or the output of a Constant node; null otherwise.
/// That of an input (Value::isInput()) is a default: callers of the model may set another.
TensorRef constantOf(const Value &value);

/// Calls \p visit for every value of \p graph and of the graphs nested in it that is a constant by
/// constantOf(): the initializers of a graph first, then its nodes in order.
void forEachConstant(const Graph &graph,
                     llvm::function_ref<void(Value &, const TensorRef &)> visit);

} // namespace optrun::ir

#endif // OPTRUN_IR_CONSTANTS_H

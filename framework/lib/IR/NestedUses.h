// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the analyses of nested graphs share: the values that a node uses, captures included.

#ifndef OPTRUN_LIB_IR_NESTEDUSES_H
#define OPTRUN_LIB_IR_NESTEDUSES_H

#include "optrun/IR/Graph.h"

namespace optrun::ir {

/// Calls \p visit for each value that \p node or its nested graphs use and for each value that a
/// nested graph returns; with repeats, and values of the nested graphs themselves too.
void forEachUsedValue(const Node &node, llvm::function_ref<void(Value &)> visit);

/// An error when \p graph is nested deeper than Graph::MaxDepth.
llvm::Error checkDepth(const Graph &graph);

/// "node 'name' (Domain.Op)", or by its first output when it has no name: for messages.
std::string describe(const Node &node);

} // namespace optrun::ir

#endif // OPTRUN_LIB_IR_NESTEDUSES_H

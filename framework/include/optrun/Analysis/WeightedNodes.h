// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which nodes use a model's weights, and which: the landmarks of a graph without names.

#ifndef OPTRUN_ANALYSIS_WEIGHTEDNODES_H
#define OPTRUN_ANALYSIS_WEIGHTEDNODES_H

#include "optrun/Analysis/Dataflow.h"

namespace optrun {

/// True for constants of a floating-point or quantized type with two and more elements: no shapes,
/// masks and scalars.
bool isWeight(const ir::Tensor &tensor);

/// By node number: the largest weight that the node uses, directly or through constant folding;
/// null for other nodes and for nodes that fold constants.
std::vector<const ir::Tensor *> weightsOfNodes(const Dataflow &flow);

/// By node number: how many weighted nodes are on the longest way to the node, itself included.
std::vector<uint32_t> weightedLevels(const Dataflow &flow,
                                     llvm::ArrayRef<const ir::Tensor *> weights);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_WEIGHTEDNODES_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What each node of a graph costs in one run of the model: arithmetic, results, traffic, cache.
///
/// Floating-point operations (FLOPs), with a multiplication and an addition as two:
///
/// - MatMul, Gemm, their quantized and fused forms: 2 · results · inner extent; with a C or a bias
///   1 a result more
/// - Conv: 2 · results · channels / groups · window; ConvTranspose: 2 · inputs · channels of the
///   result / groups · window; with a bias 1 a result more
/// - Attention, MultiHeadAttention, GroupQueryAttention …: B · H · S · T · (2 · D + 5 + 2 · Dv) for
///   T tokens past and present; what they project or rotate comes on top
/// - MoE, QMoE: 2 · tokens · experts for each token · parameters of an expert
/// - LSTM, GRU, RNN: 2 · tokens · parameters of the gates
/// - Einsum: operands · product of all extents
/// - layer, RMS, group and batch normalization: 4 an element, 5 with a skip connection (1)
/// - Sigmoid: 5 an element, so that SiLU, with its Mul, is 6 (1)
/// - Softmax: 5 an element (2)
/// - Gelu: 8 an element (2)
/// - reductions, global pooling: 1 an element of the input
/// - other arithmetic on floating-point numbers: 1 an element, a few for functions made of several
/// - selection, comparison, conversion, movement; integers: 0
///
/// (1) Olive, olive/cli/generate_cost_model.py: norms 4 · hidden, SiLU 6 · hidden.
///
/// (2) Clark et al. 2020, ELECTRA, flops_computation.py.
///
/// Nodes that fold constants (Dataflow::foldsConstants) cost nothing: they are computed once. If
/// costs what its dearer branch does (the one that is taken, where the condition is known), Loop
/// and Scan their body times the iterations (one where that is unknown), a call of a model-local
/// function its body.

#ifndef OPTRUN_ANALYSIS_NODECOST_H
#define OPTRUN_ANALYSIS_NODECOST_H

#include "optrun/Analysis/Dataflow.h"
#include "optrun/Analysis/InputShapes.h"
#include "optrun/IR/Package.h"

namespace optrun {

/// All counts saturate.
struct NodeCost {
  uint64_t flops = 0;
  /// Of these, in products of two activations: attention scores, and scores times values.
  uint64_t attentionFlops = 0;
  /// Results, without those that are views of an operand (Reshape, Unsqueeze …).
  uint64_t outputBytes = 0;
  /// Read and written: operands, constants as they are stored, of tables only what is looked up;
  /// results.
  uint64_t movedBytes = 0;
  /// Results that are entries of the KV cache, past and present.
  uint64_t cacheBytes = 0;
  /// False when an extent that a count needs is unknown: that count is then too low.
  bool isComplete = true;

  NodeCost &operator+=(const NodeCost &other);
};

struct GraphCost {
  std::vector<NodeCost> nodes; // by the number that Dataflow gives
  /// The bytes of each value of the graph, constants included, where they are known.
  llvm::DenseMap<const ir::Value *, uint64_t> valueBytes;
  /// What the model was taken to be run with: see fitExtents().
  InputExtents extents;
  size_t incompleteNodes = 0;
  /// Operators whose FLOPs are unknown, "domain.Name", each once, sorted.
  std::vector<std::string> unknownOperators;
  /// Dimensions of inputs that were taken to be 1, because nothing tells what they mean.
  std::vector<std::string> unexplainedDimensions;
};

/// \p flow is the dataflow of the component's graph. Shapes are inferred for inputs of the extents
/// \p wanted; weights are not read. One pass over the nodes. An error when a small constant
/// cannot be read, or functions call themselves or expand to too many nodes.
llvm::Expected<GraphCost> estimateGraphCost(const ir::Component &component, const Dataflow &flow,
                                            const InputExtents &wanted);

/// Whether the result of \p node shares the bytes of its first operand.
bool isView(const ir::Node &node);

/// Whether an input or output of \p component is an entry of the KV cache, as far as its name
/// tells.
bool isCacheEntry(const ir::Component &component, const ir::Value &value);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_NODECOST_H

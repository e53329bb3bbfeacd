// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The dataflow between the top-level nodes of a graph, by node number: what passes walk that look
/// at every edge of graphs with a million nodes.

#ifndef OPTRUN_ANALYSIS_DATAFLOW_H
#define OPTRUN_ANALYSIS_DATAFLOW_H

#include "optrun/IR/Graph.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"

#include <vector>

namespace optrun {

/// Nodes are numbered in graph order. A node that holds nested graphs stands for all of them: what
/// they capture are its operands. A snapshot: it does not follow changes of the graph.
class Dataflow {
public:
  /// "No node": the producer of graph inputs and initializers.
  static constexpr uint32_t None = ~0u;

  /// An error when the graph is not in topological order; names the node.
  static llvm::Expected<Dataflow> build(const ir::Graph &graph);

  uint32_t size() const { return static_cast<uint32_t>(nodeOf.size()); }
  const ir::Node &node(uint32_t index) const { return *nodeOf[index]; }
  /// The number of the top-level node that is \p node or holds it in a nested graph.
  uint32_t indexOf(const ir::Node &node) const;

  /// The values that a node uses: its inputs (without omitted ones, with repeats), then captures.
  llvm::ArrayRef<ir::Value *> operands(uint32_t index) const {
    return llvm::ArrayRef(operandValues).slice(begin[index], begin[index + 1] - begin[index]);
  }
  /// The numbers of the nodes that produce operands(index), position by position.
  llvm::ArrayRef<uint32_t> producers(uint32_t index) const {
    return llvm::ArrayRef(operandProducers).slice(begin[index], begin[index + 1] - begin[index]);
  }

  /// True for nodes that compute the same constant wherever they stand: Constant, and deterministic
  /// ONNX operators all of whose operands are initializers or results of such nodes
  /// (dequantization, casts, transposes, tables). Whoever cuts a graph copies them to their users,
  /// as initializers.
  bool foldsConstants(uint32_t index) const { return folding[index]; }
  /// True for initializers and for results of nodes that fold constants. \p value belongs to the
  /// graph or to one nested in it.
  bool isConstant(const ir::Value &value) const;

private:
  std::vector<const ir::Node *> nodeOf;
  llvm::DenseMap<const ir::Node *, uint32_t> numberOf;
  std::vector<uint32_t> begin;
  std::vector<ir::Value *> operandValues;
  std::vector<uint32_t> operandProducers;
  llvm::BitVector folding;
};

/// "node 'name' (Op)", or by its first output when it has no name: for messages.
std::string describeNode(const ir::Node &node);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_DATAFLOW_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Cutting a component into a chain of components. Shared by every pass that splits.

#ifndef OPTRUN_TRANSFORMS_PARTITION_H
#define OPTRUN_TRANSFORMS_PARTITION_H

#include "optrun/Analysis/Dataflow.h"
#include "optrun/IR/Package.h"

namespace optrun {

// Functions come in two forms: one that is given the Dataflow of the component's graph, for those
// who call several of them, and one that makes it.

/// For each top-level node, in graph order, the part it goes to, 0 … parts - 1. For nodes that fold
/// constants (Dataflow::foldsConstants) that is the first part that uses them; they are copied into
/// each.
struct Partition {
  uint32_t parts = 0;
  std::vector<uint32_t> partOf;
  /// Nodes that went to a later part than their seed says, because they use results of later parts.
  std::vector<uint32_t> moved;
  /// Nodes that each part computes for itself where it uses them (recomputableNodes()), as it does
  /// with nodes that fold constants. By node number; empty for none.
  llvm::BitVector recomputed;

  /// Whether \p node is copied into each part that uses it.
  bool isCopied(const Dataflow &flow, uint32_t node) const {
    return flow.foldsConstants(node) || (!recomputed.empty() && recomputed.test(node));
  }
};

inline constexpr uint32_t Unassigned = ~0u;

/// Completes a partial assignment (Unassigned where nothing is known) so that no edge goes
/// backwards: forward, a node goes to max(own, predecessors'), as in Olive; what no assigned node
/// precedes (masks, rotary tables, positions) goes, in reverse, to the earliest successor, and to
/// the first part when it has none. Nodes that only fold constants get no part of their own: they
/// follow their users. Captures of nested graphs are edges. Linear. An error when \p seeds has
/// another size than the graph, names a part that there is not, or the graph is not in topological
/// order.
llvm::Expected<Partition> completePartition(const Dataflow &flow, llvm::ArrayRef<uint32_t> seeds,
                                            uint32_t parts);
llvm::Expected<Partition> completePartition(const ir::Graph &graph, llvm::ArrayRef<uint32_t> seeds,
                                            uint32_t parts);

/// What parts hold and take from each other. Payloads are numbered, each once: those of tensors
/// that share a source or a range of a file are one payload, as in ir::weightBytes.
struct PartContents {
  std::vector<uint64_t> bytes;                   // of each payload
  std::vector<std::vector<uint32_t>> payloadsOf; // for each part, the payloads it holds, ascending
  /// For each part, the values that it takes from earlier parts, each once, as they are produced.
  std::vector<std::vector<const ir::Value *>> receivedBy;

  /// Bytes of one part: what ir::weightBytes says of it after the cut.
  uint64_t weightBytes(uint32_t part) const;
};

/// What each part will hold once cutComponent() has cut along \p partition, found without cutting.
/// Parts that are merged hold the union of their payloads, and take what they took, less what is
/// produced inside. Linear.
llvm::Expected<PartContents> contentsOfParts(const ir::Component &component, const Dataflow &flow,
                                             const Partition &partition);
llvm::Expected<PartContents> contentsOfParts(const ir::Component &component,
                                             const Partition &partition);

/// For each part, the outermost module paths all of whose nodes are in it, in graph order; nodes
/// that are copied (Partition::isCopied) do not count.
std::vector<std::vector<std::string>> modulesOfParts(const Dataflow &flow,
                                                     const Partition &partition);

/// Cuts \p component along \p partition. Constant-folding nodes, recomputed nodes and initializers
/// are copied into each part that uses them (the tensors are shared, so that export can store a
/// tied weight once); functions go where they are called (directly or through other functions);
/// values that cross a cut become outputs of the producing part and inputs of the using ones, with
/// type and shape; the original inputs, outputs and their order are kept, before the values that
/// cross: an unused input stays an input of the first part, an output that is an initializer or an
/// input becomes an output of the first part that holds it (else the first). Initializers and
/// functions that nothing uses stay in the first part. Metadata, opsets, IR version and
/// documentation are kept; training_info, which describes the whole graph, only when there is one
/// part. The parts are named \p names[i]. Running the parts in order, passing values by name, gives
/// the original outputs.
///
/// An error when an edge of \p partition goes backwards (names both nodes), one of several parts
/// has no nodes or no outputs, or the element type of a value that crosses is unknown.
llvm::Expected<std::vector<std::unique_ptr<ir::Component>>>
cutComponent(const ir::Component &component, const Dataflow &flow, const Partition &partition,
             llvm::ArrayRef<std::string> names);
llvm::Expected<std::vector<std::unique_ptr<ir::Component>>>
cutComponent(const ir::Component &component, const Partition &partition,
             llvm::ArrayRef<std::string> names);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_PARTITION_H

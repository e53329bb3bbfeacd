// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Cutting a component into a chain of components. Shared by every pass that splits.

#ifndef OPTRUN_TRANSFORMS_PARTITION_H
#define OPTRUN_TRANSFORMS_PARTITION_H

#include "optrun/IR/Package.h"

namespace optrun {

/// For each top-level node, in graph order, the part it goes to, 0 … parts - 1.
struct Partition {
  uint32_t parts = 0;
  std::vector<uint32_t> partOf;
};

inline constexpr uint32_t Unassigned = ~0u;

/// Completes a partial assignment (Unassigned where nothing is known) so that no edge goes backwards:
/// forward, a node goes to max(own, predecessors'); what no assigned node precedes (masks, rotary
/// tables, positions) goes, in reverse, to the earliest successor. Nodes that only fold constants
/// (Constant, DequantizeLinear and casts of initializers) get no part of their own: they follow their
/// users. Captures of nested graphs are edges. Linear. An error when \p seeds contradict the
/// dataflow (a node of part 2 feeds one seeded to part 1), naming both nodes.
llvm::Expected<Partition> completePartition(const ir::Graph &graph, llvm::ArrayRef<uint32_t> seeds,
                                            uint32_t parts);

/// Cuts \p component along \p partition. Constant-folding nodes and initializers are copied into each
/// part that uses them (the tensors are shared, so that export can store a tied weight once);
/// functions go where they are called (directly or through other functions); values that cross a cut
/// become outputs of the producing part and inputs of the using ones, with type and shape; the
/// original inputs, outputs and their order are kept: an unused input stays an input of the first
/// part, an output that is an initializer or an input becomes an output of the first part that
/// holds it (else the first). Metadata, opsets, IR version and documentation are kept. The parts are
/// named \p names[i]. Running the parts in order, passing values by name, gives the original outputs.
llvm::Expected<std::vector<std::unique_ptr<ir::Component>>>
cutComponent(const ir::Component &component, const Partition &partition,
             llvm::ArrayRef<std::string> names);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_PARTITION_H

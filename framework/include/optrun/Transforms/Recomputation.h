// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Cheap subgraphs that several components need: carried from one to the next, or computed in each.

#ifndef OPTRUN_TRANSFORMS_RECOMPUTATION_H
#define OPTRUN_TRANSFORMS_RECOMPUTATION_H

#include "optrun/Analysis/Dataflow.h"

namespace optrun {

/// When a cheap node is computed again in each component that uses it.
enum class Recompute {
  Never,
  WhenSmaller, // what it is computed from has fewer bytes than its results
  Always,
};

/// The nodes to recompute, by number, for Partition::recomputed.
///
/// A node is cheap when it is deterministic, has no nested graphs, does no more than look at each
/// element of its operands and results (no convolution, no matrix product but with a vector or of a
/// column with a row), and its operands are inputs of the graph, constants that are no tables (at
/// most one extent above 1), extents of any value (Shape, Size) or results of cheap nodes: masks,
/// positions, rotary tables.
///
/// Bytes that a value costs a component that uses it: those of the value if it is handed on, those
/// of what it is computed from if it is computed again (constants cost nothing; what several
/// operands share is counted for each, so that a doubtful case is handed on).
/// \p bytesOf gives the bytes of a value; nullopt when they are unknown, which is handed on.
/// Linear in the graph.
llvm::BitVector
recomputableNodes(const Dataflow &flow, Recompute when,
                  llvm::function_ref<std::optional<uint64_t>(const ir::Value &)> bytesOf);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_RECOMPUTATION_H

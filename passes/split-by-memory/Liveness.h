// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How much memory a run takes beside weights and KV cache.

#ifndef OPTRUN_PASSES_SPLITBYMEMORY_LIVENESS_H
#define OPTRUN_PASSES_SPLITBYMEMORY_LIVENESS_H

#include "optrun/Analysis/NodeCost.h"
#include "optrun/Transforms/Partition.h"

namespace optrun {

/// For each part, the most bytes that are alive at once while it runs, if nodes run part by part,
/// in graph order: a value is alive from the node that computes it (an input of the graph: from its
/// first user) to its last user. Views share the memory of what they show. Constants, entries of
/// the KV cache and what nested graphs hold inside do not count; values of unknown size count 0.
/// \p cost is about the nodes of \p flow, the dataflow of \p component's graph. Linear.
std::vector<uint64_t> peakActivations(const ir::Component &component, const Dataflow &flow,
                                      const Partition &partition, const GraphCost &cost);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYMEMORY_LIVENESS_H

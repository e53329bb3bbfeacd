// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Completes a partial assignment of nodes to parts: one pass forward, one in reverse.

#include "optrun/Transforms/Partition.h"

#include <algorithm>

namespace optrun {

llvm::Expected<Partition> completePartition(const ir::Graph &graph, llvm::ArrayRef<uint32_t> seeds,
                                            uint32_t parts) {
  llvm::Expected<Dataflow> flow = Dataflow::build(graph);
  if (!flow)
    return flow.takeError();
  return completePartition(*flow, seeds, parts);
}

llvm::Expected<Partition> completePartition(const Dataflow &flow, llvm::ArrayRef<uint32_t> seeds,
                                            uint32_t parts) {
  const uint32_t nodes = flow.size();
  if (seeds.size() != nodes)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "the assignment covers %zu nodes, but the graph has %u",
                                   seeds.size(), nodes);
  if (parts == 0)
    return llvm::createStringError(std::errc::invalid_argument, "a graph has at least one part");
  Partition partition;
  partition.parts = parts;
  partition.partOf.assign(nodes, Unassigned);
  std::vector<uint32_t> &partOf = partition.partOf;

  for (uint32_t node = 0; node < nodes; ++node) {
    if (flow.foldsConstants(node))
      continue;
    if (seeds[node] != Unassigned && seeds[node] >= parts)
      return llvm::createStringError(std::errc::invalid_argument,
                                     "%s is assigned to part %u, but there are %u parts",
                                     describeNode(flow.node(node)).c_str(), seeds[node], parts);
    uint32_t part = seeds[node];
    for (uint32_t producer : flow.producers(node))
      if (producer != Dataflow::None && partOf[producer] != Unassigned)
        part = part == Unassigned ? partOf[producer] : std::max(part, partOf[producer]);
    partOf[node] = part;
    if (seeds[node] != Unassigned && part > seeds[node])
      partition.moved.push_back(node);
  }

  std::vector<uint32_t> earliestUser(nodes, Unassigned);
  for (uint32_t node = nodes; node-- > 0;) {
    if (partOf[node] == Unassigned)
      partOf[node] = earliestUser[node] == Unassigned ? 0 : earliestUser[node];
    for (uint32_t producer : flow.producers(node))
      if (producer != Dataflow::None)
        earliestUser[producer] = std::min(earliestUser[producer], partOf[node]);
  }
  return partition;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sweeps over the nodes in the order in which they run.

#include "Liveness.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace optrun {
namespace {

class Sweep {
public:
  Sweep(const ir::Component &component, const Dataflow &flow, const Partition &partition,
        const GraphCost &cost)
      : component(component), flow(flow), partition(partition), cost(cost) {}

  std::vector<uint64_t> run() {
    orderNodes();
    findLifetimes();
    std::vector<uint64_t> ending(order.size());
    std::vector<uint64_t> starting(order.size());
    for (const Buffer &buffer : buffers) {
      starting[buffer.first] = llvm::SaturatingAdd(starting[buffer.first], buffer.bytes);
      ending[buffer.last] = llvm::SaturatingAdd(ending[buffer.last], buffer.bytes);
    }
    std::vector<uint64_t> peaks(partition.parts);
    uint64_t alive = 0;
    for (uint32_t position = 0; position < order.size(); ++position) {
      alive = llvm::SaturatingAdd(alive, starting[position]);
      uint64_t &peak = peaks[partition.partOf[order[position]]];
      peak = std::max(peak, alive);
      alive -= std::min(alive, ending[position]);
    }
    return peaks;
  }

private:
  struct Buffer {
    uint64_t bytes = 0;
    uint32_t first = 0, last = 0; // positions in the order
  };

  /// By part, in graph order: a counting sort.
  void orderNodes() {
    std::vector<uint32_t> begin(partition.parts + 1);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!flow.foldsConstants(node))
        ++begin[partition.partOf[node] + 1];
    for (uint32_t part = 0; part < partition.parts; ++part)
      begin[part + 1] += begin[part];
    order.resize(begin.back());
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!flow.foldsConstants(node))
        order[begin[partition.partOf[node]]++] = node;
  }

  void findLifetimes() {
    for (uint32_t position = 0; position < order.size(); ++position) {
      const ir::Node &node = flow.node(order[position]);
      for (const ir::Value *operand : flow.operands(order[position]))
        use(*operand, position);
      if (isView(node)) {
        show(node);
        continue;
      }
      for (const ir::Value *output : node.outputs())
        if (output && !isCacheEntry(component, *output))
          bufferOf.try_emplace(output, allocate(*output, position));
    }
  }

  void use(const ir::Value &value, uint32_t position) {
    auto buffer = bufferOf.find(&value);
    if (buffer != bufferOf.end())
      buffers[buffer->second].last = position;
    else if (value.isInput() && !value.isInitializer() && !isCacheEntry(component, value))
      bufferOf.try_emplace(&value, allocate(value, position));
  }

  /// What shows a constant or an entry of the cache takes nothing, like what it shows.
  void show(const ir::Node &view) {
    const ir::Value *source = view.input(0), *result = view.output(0);
    if (!source || !result)
      return;
    if (auto buffer = bufferOf.find(source); buffer != bufferOf.end())
      bufferOf.try_emplace(result, uint32_t(buffer->second));
  }

  uint32_t allocate(const ir::Value &value, uint32_t position) {
    buffers.push_back({cost.valueBytes.lookup(&value), position, position});
    return static_cast<uint32_t>(buffers.size() - 1);
  }

  const ir::Component &component;
  const Dataflow &flow;
  const Partition &partition;
  const GraphCost &cost;
  std::vector<uint32_t> order; // nodes as they run
  std::vector<Buffer> buffers;
  llvm::DenseMap<const ir::Value *, uint32_t> bufferOf;
};

} // namespace

std::vector<uint64_t> peakActivations(const ir::Component &component, const Dataflow &flow,
                                      const Partition &partition, const GraphCost &cost) {
  return Sweep(component, flow, partition, cost).run();
}

} // namespace optrun

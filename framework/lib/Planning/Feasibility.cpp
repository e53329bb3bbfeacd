// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sweeps over the blocks. They rely on this: a component that grows at its end never needs less
/// memory or time (what it holds, and what it receives from before its start, only becomes more).
/// Memory never becomes less at the other end either; time may, since values that were received
/// are then computed inside.

#include "Feasibility.h"

#include "SlidingSegment.h"

namespace optrun::planning {

uint32_t Budgets::count(uint32_t blocks) const {
  uint32_t most = blocks;
  if (!repeats)
    most = static_cast<uint32_t>(std::min<size_t>(most, devices.size()));
  return components == 0 ? most : std::min(most, components);
}

uint64_t Budgets::largest() const {
  uint64_t largest = 0;
  for (const Device &device : devices)
    largest = std::max(largest, device.memory);
  return largest;
}

uint32_t furthestEnd(const Blocks &blocks, uint32_t start, uint64_t budget, TrialLimit &trial) {
  uint64_t stored = 0, activation = 0;
  uint32_t end = start;
  for (; end < blocks.size(); ++end) {
    stored += blocks.stored.added(start, end);
    activation = std::max(activation, blocks.activation[end]);
    if (stored + activation > budget || !trial.accepts(stored + activation))
      break;
  }
  return end;
}

std::vector<uint32_t> lowestStarts(const Blocks &blocks, uint64_t budget) {
  std::vector<uint32_t> lowest(blocks.size() + 1);
  SlidingFootprint memory(blocks, 0, blocks.size());
  for (uint32_t end = 0; end < blocks.size(); ++end) {
    while (memory.startBlock() <= end && memory.extended() > budget)
      memory.advance();
    if (memory.startBlock() <= end)
      memory.extend();
    lowest[end + 1] = memory.startBlock();
  }
  return lowest;
}

} // namespace optrun::planning

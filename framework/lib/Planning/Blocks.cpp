// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds for each use of a weight or value the occurrence before it. Linear in the uses.

#include "Blocks.h"

#include "CostLimit.h"

#include <algorithm>

namespace optrun::planning {
namespace {

constexpr uint32_t Nowhere = ~0u;

/// Collects the uses of one block after the other.
class UseCollector {
public:
  /// \p lastBlock: where each thing occurred last: that of a value's producer, Nowhere for weights.
  explicit UseCollector(std::vector<uint32_t> lastBlock) : lastBlock(std::move(lastBlock)) {
    uses->begin.push_back(0);
  }

  void startBlock() { sum.alone.push_back(0); }
  void add(uint32_t thing, uint64_t bytes) {
    const auto block = static_cast<uint32_t>(sum.alone.size() - 1);
    uint32_t &last = lastBlock[thing];
    if (last == block)
      return;
    sum.alone.back() += bytes;
    if (last != Nowhere) { // else it counts for every start
      uses->firstStart.push_back(last + 1);
      sum.amount.push_back(bytes);
    }
    last = block;
  }
  void addAlways(uint64_t bytes) { sum.alone.back() += bytes; }
  void finishBlock() { uses->begin.push_back(static_cast<uint32_t>(sum.amount.size())); }

  SegmentSum take() {
    sum.uses = std::move(uses);
    return std::move(sum);
  }

private:
  std::vector<uint32_t> lastBlock;
  std::shared_ptr<Uses> uses = std::make_shared<Uses>();
  SegmentSum sum;
};

} // namespace

Blocks makeBlocks(const Workload &workload, bool onlyLayerBoundaries) {
  const auto units = static_cast<uint32_t>(workload.units.size());
  Blocks blocks;
  std::vector<uint32_t> blockOf(units);
  for (uint32_t unit = 0; unit < units; ++unit) {
    if (unit == 0 || !onlyLayerBoundaries || workload.units[unit].startsLayer)
      blocks.firstUnit.push_back(unit);
    blockOf[unit] = static_cast<uint32_t>(blocks.firstUnit.size() - 1);
  }
  blocks.firstUnit.push_back(units);

  std::vector<uint32_t> producers;
  producers.reserve(workload.values.size());
  for (const Value &value : workload.values)
    producers.push_back(blockOf[value.producer]);
  UseCollector stored(std::vector<uint32_t>(workload.weightBytes.size(), Nowhere));
  UseCollector received(std::move(producers));
  blocks.activation.assign(blocks.size(), 0);
  for (uint32_t block = 0; block < blocks.size(); ++block) {
    stored.startBlock();
    received.startBlock();
    for (uint32_t number = blocks.firstUnit[block]; number < blocks.firstUnit[block + 1];
         ++number) {
      const Unit &unit = workload.units[number];
      for (uint32_t weight : unit.weights)
        stored.add(weight, workload.weightBytes[weight]);
      stored.addAlways(unit.cacheBytes);
      for (uint32_t value : unit.inputs)
        received.add(value, workload.values[value].bytes);
      blocks.activation[block] = std::max(blocks.activation[block], unit.activationBytes);
    }
    stored.finishBlock();
    received.finishBlock();
  }
  blocks.stored = stored.take();
  blocks.received = received.take();
  return blocks;
}

llvm::Expected<SegmentSum> stageTimes(const Workload &workload, const Blocks &blocks,
                                      const Device &device) {
  SegmentSum times;
  times.uses = blocks.received.uses;
  times.amount.reserve(blocks.received.amount.size());
  for (uint64_t bytes : blocks.received.amount)
    times.amount.push_back(picosecondsOfTransfer(bytes, device));
  times.alone.reserve(blocks.size());
  // Every term is at most CostLimit, and the sum is looked at after each.
  uint64_t sum = 0;
  for (uint32_t block = 0; block < blocks.size(); ++block) {
    const uint64_t before = sum;
    for (uint32_t unit = blocks.firstUnit[block]; unit < blocks.firstUnit[block + 1]; ++unit)
      sum = std::min(sum + picosecondsOfUnit(workload.units[unit], device), CostLimit);
    for (uint32_t use = times.uses->begin[block]; use < times.uses->begin[block + 1]; ++use)
      sum = std::min(sum + times.amount[use], CostLimit);
    times.alone.push_back(sum - before);
  }
  if (sum >= CostLimit)
    return llvm::createStringError(std::make_error_code(std::errc::result_out_of_range),
                                   "on device '" + device.name +
                                       "' the model would run for weeks; check its flops and "
                                       "bandwidth, which count per second");
  return times;
}

} // namespace optrun::planning

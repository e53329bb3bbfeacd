// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a division means in bytes and time, counted from the workload: nothing here is shared with
/// the search for the best division.

#include "CostLimit.h"

#include "optrun/Planning/Planner.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace optrun::planning {
namespace {

constexpr uint32_t None = ~0u;

/// Doubles hold counts up to 2^53 exactly; beyond, one part in 10^16 does not matter.
uint64_t picosecondsOf(double amount, double perSecond) {
  const double picoseconds = std::ceil(amount / perSecond * 1e12);
  return picoseconds < static_cast<double>(CostLimit) ? static_cast<uint64_t>(picoseconds)
                                                      : CostLimit;
}

/// Not over the brim, whatever the rates.
void addTime(uint64_t &sum, uint64_t picoseconds) { sum = std::min(sum + picoseconds, CostLimit); }

bool ratesAreKnown(const Device &device) { return device.flops > 0 && device.bandwidth > 0; }

class Describer {
public:
  explicit Describer(const Workload &workload)
      : workload(workload), holder(workload.weightBytes.size(), None),
        receiver(workload.values.size(), None) {}

  PlannedComponent describe(uint32_t number, uint32_t begin, uint32_t end, const Device &device) {
    PlannedComponent component;
    component.begin = begin;
    component.end = end;
    std::array<uint64_t, 3> times = {}; // compute, memory, transfer
    for (uint32_t index = begin; index < end; ++index) {
      const Unit &unit = workload.units[index];
      for (uint32_t weight : unit.weights)
        addWeight(weight, number, component);
      for (uint32_t value : unit.inputs)
        if (workload.values[value].producer < begin && receiver[value] != number) {
          receiver[value] = number;
          component.receivedBytes += workload.values[value].bytes;
          if (ratesAreKnown(device))
            addTime(times[2], picosecondsOfTransfer(workload.values[value].bytes, device));
        }
      component.cacheBytes += unit.cacheBytes;
      component.activationBytes = std::max(component.activationBytes, unit.activationBytes);
      component.flops += unit.flops;
      component.trafficBytes += unit.trafficBytes;
      if (ratesAreKnown(device)) {
        const bool computes = static_cast<double>(unit.flops) / device.flops >=
                              static_cast<double>(unit.trafficBytes) / device.bandwidth;
        addTime(times[computes ? 0 : 1], picosecondsOfUnit(unit, device));
      }
    }
    component.picoseconds = times[0] + times[1] + times[2];
    if (component.picoseconds > 0)
      component.bound =
          std::array{Bound::Compute, Bound::Memory, Bound::Transfer}[static_cast<size_t>(
              std::max_element(times.begin(), times.end()) - times.begin())];
    return component;
  }

private:
  void addWeight(uint32_t weight, uint32_t number, PlannedComponent &component) {
    if (holder[weight] == number)
      return;
    component.weightBytes += workload.weightBytes[weight];
    if (holder[weight] != None)
      component.repeatedWeightBytes += workload.weightBytes[weight];
    holder[weight] = number;
  }

  const Workload &workload;
  std::vector<uint32_t> holder, receiver; // the last component that stores a weight, gets a value
};

} // namespace

uint64_t picosecondsOfUnit(const Unit &unit, const Device &device) {
  return std::max(picosecondsOf(static_cast<double>(unit.flops), device.flops),
                  picosecondsOf(static_cast<double>(unit.trafficBytes), device.bandwidth));
}

uint64_t picosecondsOfTransfer(uint64_t bytes, const Device &device) {
  return picosecondsOf(static_cast<double>(bytes), device.bandwidth);
}

llvm::Expected<Plan> describeCuts(const Workload &workload, llvm::ArrayRef<uint32_t> cuts,
                                  llvm::ArrayRef<Device> devices) {
  if (llvm::Error error = checkWorkload(workload))
    return error;
  const auto units = static_cast<uint32_t>(workload.units.size());
  for (size_t cut = 0; cut < cuts.size(); ++cut)
    if (cuts[cut] <= (cut == 0 ? 0 : cuts[cut - 1]) || cuts[cut] >= units)
      return llvm::createStringError(std::errc::invalid_argument,
                                     "the cuts do not ascend between 0 and %u", units);
  Plan plan;
  Describer describer(workload);
  for (uint32_t number = 0, begin = 0; begin < units; ++number) {
    const uint32_t end = number < cuts.size() ? cuts[number] : units;
    const uint32_t device =
        devices.empty() ? 0 : std::min(number, static_cast<uint32_t>(devices.size() - 1));
    plan.components.push_back(
        describer.describe(number, begin, end, devices.empty() ? Device() : devices[device]));
    plan.components.back().device = device;
    begin = end;
  }
  return plan;
}

std::vector<uint32_t> Plan::starts() const {
  std::vector<uint32_t> starts;
  for (const PlannedComponent &component : components)
    starts.push_back(component.begin);
  return starts;
}

uint64_t Plan::largestBytes() const {
  uint64_t largest = 0;
  for (const PlannedComponent &component : components)
    largest = std::max(largest, component.memoryBytes());
  return largest;
}

uint64_t Plan::crossingBytes() const {
  uint64_t sum = 0;
  for (const PlannedComponent &component : components)
    sum += component.receivedBytes;
  return sum;
}

uint64_t Plan::slowestPicoseconds() const {
  uint64_t slowest = 0;
  for (const PlannedComponent &component : components)
    slowest = std::max(slowest, component.picoseconds);
  return slowest;
}

uint64_t Plan::totalPicoseconds() const {
  uint64_t sum = 0;
  for (const PlannedComponent &component : components)
    sum = llvm::SaturatingAdd(sum, component.picoseconds);
  return sum;
}

} // namespace optrun::planning

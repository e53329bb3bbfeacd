// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Fills in a workload.

#include "ModuleWorkload.h"

#include "Liveness.h"

#include "llvm/Support/MathExtras.h"

namespace optrun {
namespace {

void add(uint64_t &sum, uint64_t term) { sum = llvm::SaturatingAdd(sum, term); }

void addCosts(const Dataflow &flow, const Partition &partition, const GraphCost &cost,
              std::vector<planning::Unit> &units) {
  for (uint32_t node = 0; node < flow.size(); ++node) {
    planning::Unit &unit = units[partition.partOf[node]];
    add(unit.cacheBytes, cost.nodes[node].cacheBytes);
    add(unit.flops, cost.nodes[node].flops);
    add(unit.trafficBytes, cost.nodes[node].movedBytes);
  }
}

/// Numbers the values that units take from each other.
void addValues(const Dataflow &flow, const Partition &partition, const GraphCost &cost,
               const PartContents &contents, planning::Workload &workload) {
  llvm::DenseMap<const ir::Value *, uint32_t> numberOf;
  for (uint32_t unit = 0; unit < partition.parts; ++unit)
    for (const ir::Value *value : contents.receivedBy[unit]) {
      const auto [number, isNew] =
          numberOf.try_emplace(value, static_cast<uint32_t>(workload.values.size()));
      if (isNew)
        workload.values.push_back(
            {cost.valueBytes.lookup(value), partition.partOf[flow.indexOf(*value->producer())]});
      workload.units[unit].inputs.push_back(number->second);
    }
}

} // namespace

llvm::Expected<planning::Workload> makeWorkload(const ir::Component &component,
                                                const Dataflow &flow, const ModuleUnits &units,
                                                const GraphCost &cost) {
  const Partition &partition = units.partition;
  llvm::Expected<PartContents> contents = contentsOfParts(component, flow, partition);
  if (!contents)
    return contents.takeError();
  const std::vector<uint64_t> activations = peakActivations(component, flow, partition, cost);

  planning::Workload workload;
  workload.weightBytes = std::move(contents->bytes);
  workload.units.resize(partition.parts);
  for (uint32_t number = 0; number < partition.parts; ++number) {
    planning::Unit &unit = workload.units[number];
    unit.name = units.units[number].name;
    unit.startsLayer = units.units[number].startsLayer;
    unit.weights.assign(contents->payloadsOf[number].begin(), contents->payloadsOf[number].end());
    unit.activationBytes = activations[number];
  }
  addCosts(flow, partition, cost, workload.units);
  addValues(flow, partition, cost, *contents, workload);
  return workload;
}

planning::Workload withoutRunMemory(planning::Workload workload) {
  for (planning::Unit &unit : workload.units)
    unit.cacheBytes = unit.activationBytes = 0;
  return workload;
}

} // namespace optrun

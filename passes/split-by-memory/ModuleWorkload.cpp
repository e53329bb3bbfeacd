// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Fills in a workload.

#include "ModuleWorkload.h"

#include "Liveness.h"

#include "optrun/Transforms/UnitWorkload.h"

#include "llvm/ADT/STLExtras.h"
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

} // namespace

llvm::Expected<planning::Workload> makeWorkload(const ir::Component &component,
                                                const Dataflow &flow, const ModuleUnits &units,
                                                const GraphCost &cost) {
  llvm::Expected<planning::Workload> workload =
      workloadOfUnits(component, flow, units,
                      [&](const ir::Value &value) { return cost.valueBytes.lookup(&value); });
  if (!workload)
    return workload.takeError();
  const std::vector<uint64_t> activations = peakActivations(component, flow, units.partition, cost);
  for (const auto &[unit, bytes] : llvm::zip_equal(workload->units, activations))
    unit.activationBytes = bytes;
  addCosts(flow, units.partition, cost, workload->units);
  return workload;
}

planning::Workload withoutRunMemory(planning::Workload workload) {
  for (planning::Unit &unit : workload.units)
    unit.cacheBytes = unit.activationBytes = 0;
  return workload;
}

} // namespace optrun

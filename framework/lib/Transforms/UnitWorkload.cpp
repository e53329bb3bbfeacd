// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Fills in what units hold, and numbers the values between them.

#include "optrun/Transforms/UnitWorkload.h"

namespace optrun {

llvm::Expected<planning::Workload>
workloadOfUnits(const ir::Component &component, const Dataflow &flow, const ModuleUnits &units,
                llvm::function_ref<uint64_t(const ir::Value &)> bytesOf) {
  const Partition &partition = units.partition;
  llvm::Expected<PartContents> contents = contentsOfParts(component, flow, partition);
  if (!contents)
    return contents.takeError();

  planning::Workload workload;
  workload.weightBytes = std::move(contents->bytes);
  workload.units.resize(partition.parts);
  llvm::DenseMap<const ir::Value *, uint32_t> numberOf;
  for (uint32_t index = 0; index < partition.parts; ++index) {
    planning::Unit &unit = workload.units[index];
    unit.name = units.units[index].name;
    unit.startsLayer = units.units[index].startsLayer;
    unit.weights.assign(contents->payloadsOf[index].begin(), contents->payloadsOf[index].end());
    for (const ir::Value *value : contents->receivedBy[index]) {
      const auto [number, isNew] =
          numberOf.try_emplace(value, static_cast<uint32_t>(workload.values.size()));
      if (isNew)
        workload.values.push_back(
            {bytesOf(*value), partition.partOf[flow.indexOf(*value->producer())]});
      unit.inputs.push_back(number->second);
    }
  }
  return workload;
}

} // namespace optrun

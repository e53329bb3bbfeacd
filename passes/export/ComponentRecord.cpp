// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Names and manifest entries of components.

#include "ComponentRecord.h"

namespace optrun::exporting {

std::vector<std::string> inputNames(const ir::Component &component) {
  std::vector<std::string> names;
  for (const ir::Value *input : component.graph.inputs())
    if (!input->isInitializer())
      names.push_back(input->name().str());
  return names;
}

std::vector<std::string> outputNames(const ir::Component &component) {
  std::vector<std::string> names;
  for (const ir::Value *output : component.graph.outputs())
    names.push_back(output->name().str());
  return names;
}

const SplitPlan::Part *plannedPart(const ir::Package &package, const ir::Component &component) {
  const auto *plan = package.attachments.get<SplitPlan>();
  if (plan)
    for (const SplitPlan::Part &part : plan->parts)
      if (part.component == component.name)
        return &part;
  return nullptr;
}

ExportedModel::ComponentFile describeComponent(const ir::Component &component,
                                               const SplitPlan::Part *part) {
  ExportedModel::ComponentFile file;
  file.name = component.name;
  if (part)
    file.plannedBytes = part->plannedBytes;
  file.inputs = inputNames(component);
  file.outputs = outputNames(component);
  return file;
}

Manifest::Component manifestEntry(const ExportedModel::ComponentFile &file,
                                  const SplitPlan::Part *part) {
  Manifest::Component entry = {.name = file.name,
                               .file = file.file,
                               .data = file.data,
                               .weightBytes = file.weightBytes,
                               .plannedBytes = file.plannedBytes,
                               .inputs = file.inputs,
                               .outputs = file.outputs};
  if (!part)
    return entry;
  entry.budgetBytes = part->budgetBytes;
  if (!part->device.empty())
    entry.device = part->device;
  return entry;
}

} // namespace optrun::exporting

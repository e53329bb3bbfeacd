// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Describes a partition and carries it out.

#include "optrun/Transforms/SplitPackage.h"

#include "optrun/IR/Payloads.h"

namespace optrun {
namespace {

llvm::Error checkBytes(const SplitPlan::Part &part, const ir::Component &component) {
  const uint64_t realised = ir::weightBytes(component);
  if (part.plannedBytes == realised)
    return llvm::Error::success();
  return llvm::createStringError(
      std::errc::state_not_recoverable,
      "internal error: component '%s' was planned with %llu weight bytes and has %llu",
      part.component.c_str(), static_cast<unsigned long long>(part.plannedBytes),
      static_cast<unsigned long long>(realised));
}

} // namespace

llvm::Expected<const ir::Component *> unsplitComponent(const ir::Package &package) {
  if (package.components.size() == 1)
    return package.components.front().get();
  return llvm::createStringError(std::errc::invalid_argument,
                                 "the model has %zu components: it has been split already, "
                                 "and a recipe splits once",
                                 package.components.size());
}

llvm::Expected<SplitPlan> describePartition(const ir::Component &component, const Dataflow &flow,
                                            const Partition &partition) {
  llvm::Expected<PartContents> contents = contentsOfParts(component, flow, partition);
  if (!contents)
    return contents.takeError();
  std::vector<std::vector<std::string>> modules = modulesOfParts(flow, partition);
  SplitPlan plan;
  for (uint32_t part = 0; part < partition.parts; ++part) {
    SplitPlan::Part description;
    description.component = partition.parts == 1 ? "model" : "split_" + std::to_string(part);
    description.plannedBytes = contents->weightBytes(part);
    description.modules = std::move(modules[part]);
    plan.parts.push_back(std::move(description));
  }
  return plan;
}

llvm::Error splitPackage(ir::Package &package, const Dataflow &flow, const Partition &partition,
                         SplitPlan plan, PassContext &context) {
  llvm::Expected<const ir::Component *> component = unsplitComponent(package);
  if (!component)
    return component.takeError();
  if (partition.parts > 1 && !(*component)->trainingInfo.empty())
    context.warning("the model's training_info describes the whole graph and is left out");

  auto components = cutComponent(**component, flow, partition, plan.componentNames());
  if (!components)
    return components.takeError();
  size_t values = 0;
  for (size_t part = 0; part < components->size(); ++part) {
    if (llvm::Error error = checkBytes(plan.parts[part], *(*components)[part]))
      return error;
    values += (*components)[part]->graph.outputs().size();
  }
  context.statistic("components", static_cast<int64_t>(components->size()));
  context.statistic("values-handed-on",
                    static_cast<int64_t>(values - (*component)->graph.outputs().size()));
  package.components = std::move(*components);
  package.attachments.set(std::make_unique<SplitPlan>(std::move(plan)));
  return llvm::Error::success();
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The pass split-by-count.

#include "SplitPlanning.h"

#include "optrun/Plugin/Plugin.h"

namespace optrun {
namespace {

class SplitByCount final : public PackagePass {
public:
  using Options = SplitByCountOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "split-by-count";
    info.summary = "Divides the layers of a model into a given number of components.";
    info.description =
        "Finds the repeated block of the model (the longest list of layers) and cuts the model "
        "into a chain of components, each with as many consecutive layers: 32 layers and 2 splits "
        "give 16 + 16. What comes before the layers is in the first component and what follows "
        "them in the last, unless they get components of their own. Shared subgraphs that are "
        "cheap, such as masks and position tables, are computed in the first component that needs "
        "them and handed on.\n\n"
        "Running the components in order, passing values by name, gives the outputs of the "
        "original model. Weights that several components need (tied embeddings) are stored in "
        "each and count in the planned bytes of each. The planned bytes of each component are "
        "checked against the result.\n\n"
        "A model property `split_assignments` (`model.layers.0=0;model.layers.1=1`), as Olive "
        "writes it, decides where to cut when it names as many parts as `splits` says and the "
        "other options are at their defaults.";
    info.writes = {SplitPlan::Id.str()};
    return info;
  }

  explicit SplitByCount(Options options) : options(std::move(options)) {}

  llvm::Error run(ir::Package &package, PassContext &context) override {
    if (package.components.size() != 1)
      return llvm::createStringError(
          std::errc::invalid_argument,
          "split-by-count divides one component, but the model has %zu: it has been split already",
          package.components.size());
    const ir::Component &component = *package.components.front();
    llvm::Expected<Dataflow> flow = Dataflow::build(component.graph);
    if (!flow)
      return flow.takeError();
    llvm::Expected<PlannedSplit> split = planSplit(component, *flow, options);
    if (!split)
      return split.takeError();
    for (const std::string &remark : split->remarks)
      context.remark(remark);
    for (const std::string &warning : split->warnings)
      context.warning(warning);
    if (split->partition.parts > 1 && !component.trainingInfo.empty())
      context.warning("the model's training_info describes the whole graph and is left out");
    if (llvm::Error interrupted = context.checkInterrupted())
      return interrupted;

    auto components = cutComponent(component, *flow, split->partition, split->names);
    if (!components)
      return components.takeError();
    int64_t values = 0;
    for (size_t part = 0; part < components->size(); ++part) {
      const uint64_t planned = split->plan.parts[part].plannedBytes;
      const uint64_t realised = ir::weightBytes(*(*components)[part]);
      if (planned != realised)
        return llvm::createStringError(
            std::errc::state_not_recoverable,
            "internal error: component '%s' was planned with %llu weight bytes and has %llu",
            split->names[part].c_str(), static_cast<unsigned long long>(planned),
            static_cast<unsigned long long>(realised));
      values += static_cast<int64_t>((*components)[part]->graph.outputs().size());
    }
    context.statistic("layers", split->layers);
    context.statistic("components", static_cast<int64_t>(components->size()));
    context.statistic("values-handed-on",
                      values - static_cast<int64_t>(component.graph.outputs().size()));
    package.components = std::move(*components);
    package.attachments.set(std::make_unique<SplitPlan>(std::move(split->plan)));
    return llvm::Error::success();
  }

private:
  Options options;
};

} // namespace
} // namespace optrun

OPTRUN_PLUGIN("split-by-count", OPTRUN_VERSION, optrun::SplitByCount);

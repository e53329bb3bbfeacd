// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The pass split-by-count.

#include "SplitPlanning.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Transforms/SplitPackage.h"

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
    llvm::Expected<const ir::Component *> component = unsplitComponent(package);
    if (!component)
      return component.takeError();
    llvm::Expected<Dataflow> flow = Dataflow::build((*component)->graph);
    if (!flow)
      return flow.takeError();
    llvm::Expected<PlannedSplit> split = planSplit(**component, *flow, options);
    if (!split)
      return split.takeError();
    for (const std::string &remark : split->remarks)
      context.remark(remark);
    for (const std::string &warning : split->warnings)
      context.warning(warning);
    context.statistic("layers", split->layers);
    if (llvm::Error interrupted = context.checkInterrupted())
      return interrupted;
    return splitPackage(package, *flow, split->partition, std::move(split->plan), context);
  }

private:
  Options options;
};

} // namespace
} // namespace optrun

OPTRUN_PLUGIN("split-by-count", OPTRUN_VERSION, optrun::SplitByCount);

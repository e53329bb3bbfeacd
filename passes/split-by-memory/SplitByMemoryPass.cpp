// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The pass split-by-memory.

#include "MemoryPlanning.h"
#include "PlanTable.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Results/CostCsv.h"
#include "optrun/Support/Quantity.h"
#include "optrun/Transforms/SplitPackage.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"

namespace optrun {
namespace {

class SplitByMemory final : public PackagePass {
public:
  using Options = SplitByMemoryOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "split-by-memory";
    info.summary = "Divides a model into components that each fit the memory of a device.";
    info.description =
        "Cuts the model between its leaf modules into a chain of components, each within its "
        "budget: the one `memory` of all, or those of `devices`, used in their order. The plan is "
        "exact: no other division has fewer components, nor as many with a smaller largest one, "
        "nor those with fewer bytes handed on (`objective` has other goals). Cuts are between "
        "layers if that takes no component more. A module larger than its budget is an error that "
        "names it.\n\n"
        "Weights count as stored, each once for each component that uses it; a tied weight that "
        "two components use counts in both. With `batch`, `sequence` or `context`, KV cache and "
        "activations of such a run count too; without them, tables and `recompute` are about a "
        "prompt of 512 tokens. The planned bytes of each component are checked against the "
        "result.\n\n"
        "With `cost-model`, or after a cost-estimate with a `precision` of its own, modules take "
        "as much as that says if it is more than what is stored: memory that is set aside.\n\n"
        "Running the components in order, passing values by name, gives the outputs of the "
        "original model. docs/splitting.md has the rules.";
    info.readsIfPresent = {CostModel::Id.str()};
    info.writes = {SplitPlan::Id.str()};
    return info;
  }

  explicit SplitByMemory(Options options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    if (!options.costModel)
      return;
    llvm::Expected<CostCsv> csv = readCostCsv(options.costModel->path);
    if (csv)
      return;
    std::string message = llvm::toString(csv.takeError());
    if (!llvm::sys::fs::exists(options.costModel->path))
      message += "; a cost-estimate of the same recipe needs no file: leave `cost-model` out";
    context.error("cost-model", message);
  }

  llvm::Error run(ir::Package &package, PassContext &context) override {
    llvm::Expected<const ir::Component *> component = unsplitComponent(package);
    if (!component)
      return component.takeError();
    llvm::Expected<std::vector<ModuleCost>> sizes = readSizes(package, context);
    if (!sizes)
      return sizes.takeError();
    llvm::Expected<Dataflow> flow = Dataflow::build((*component)->graph);
    if (!flow)
      return flow.takeError();
    llvm::Expected<PlannedSplit> split = planSplit(**component, *flow, options, *sizes);
    if (!split)
      return split.takeError();
    report(*split, context);
    if (llvm::Error interrupted = context.checkInterrupted())
      return interrupted;
    const Table table = makePlanTable(*split);
    if (llvm::Error error =
            splitPackage(package, *flow, split->partition, std::move(split->plan), context))
      return error;
    context.result(table);
    return llvm::Error::success();
  }

private:
  /// Empty where what is stored counts.
  llvm::Expected<std::vector<ModuleCost>> readSizes(const ir::Package &package,
                                                    PassContext &context) const {
    if (options.costModel) {
      llvm::Expected<CostCsv> csv = readCostCsv(options.costModel->path);
      if (!csv)
        return csv.takeError();
      for (const std::string &warning : csv->warnings)
        context.warning(warning);
      if (csv->rows.empty())
        return llvm::createStringError("'" + options.costModel->path +
                                       "' has no modules, so it is not about this model");
      return std::move(csv->rows);
    }
    const auto *model = package.attachments.get<CostModel>();
    if (!model || model->precision == CostPrecision::Keep)
      return std::vector<ModuleCost>();
    return model->rows;
  }

  void report(const PlannedSplit &split, PassContext &context) const {
    for (const std::string &remark : split.remarks)
      context.remark(remark);
    for (const std::string &warning : split.warnings)
      context.warning(warning);
    const planning::Plan &figures = split.figures;
    if (split.countsRun && split.extents != split.wanted)
      context.warning("the model does not take " + split.wanted.print() + "; planned for " +
                      split.extents.print());
    context.remark("FLOPs, activations and bytes received are those of " + split.extents.print() +
                   (split.countsRun ? "; KV cache and activations count in the budgets"
                                    : "; weights alone count in the budgets"));
    uint64_t repeated = 0, largest = 0;
    for (uint32_t i = 0; i < figures.components.size(); ++i) {
      repeated = llvm::SaturatingAdd(repeated, figures.components[i].repeatedWeightBytes);
      largest = std::max(largest, split.countedBytes(i));
    }
    if (repeated > 0)
      context.remark(formatByteSize(repeated) +
                     " of weights are in several components, because each uses them");
    if (options.objective == planning::Objective::Latency)
      context.remark("the slowest component takes " +
                     formatPicoseconds(figures.slowestPicoseconds()) + " of " +
                     formatPicoseconds(figures.totalPicoseconds()) + " for one run");
    context.statistic("units", split.units);
    context.statistic("largest-component", static_cast<int64_t>(largest));
    context.statistic("crossing-bytes", static_cast<int64_t>(figures.crossingBytes()));
    context.statistic("repeated-weight-bytes", static_cast<int64_t>(repeated));
  }

  Options options;
};

} // namespace
} // namespace optrun

OPTRUN_PLUGIN("split-by-memory", OPTRUN_VERSION, optrun::SplitByMemory);

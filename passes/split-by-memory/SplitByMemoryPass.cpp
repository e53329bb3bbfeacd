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
    llvm::Error error = readGivenSizes();
    if (!error)
      return;
    std::string message = llvm::toString(std::move(error));
    if (!llvm::sys::fs::exists(options.costModel->path))
      message += "; a cost-estimate of the same recipe needs no file: leave `cost-model` out";
    context.error("cost-model", message);
  }

  llvm::Error run(ir::Package &package, PassContext &context) override {
    llvm::Expected<const ir::Component *> component = unsplitComponent(package);
    if (!component)
      return component.takeError();
    llvm::Expected<llvm::ArrayRef<ModuleCost>> sizes = findSizes(package, context);
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
  /// Reads the file that the user names, once: when it is checked, else when the pass runs.
  llvm::Error readGivenSizes() {
    if (!options.costModel || givenSizes)
      return llvm::Error::success();
    llvm::Expected<CostCsv> csv = readCostCsv(options.costModel->path);
    if (!csv)
      return csv.takeError();
    givenSizes = std::move(*csv);
    return llvm::Error::success();
  }

  /// Empty where what is stored counts.
  llvm::Expected<llvm::ArrayRef<ModuleCost>> findSizes(const ir::Package &package,
                                                       PassContext &context) {
    if (llvm::Error error = readGivenSizes())
      return std::move(error);
    if (givenSizes) {
      for (const std::string &warning : givenSizes->warnings)
        context.warning(warning);
      if (givenSizes->rows.empty())
        return llvm::createStringError("'" + options.costModel->path +
                                       "' has no modules, so it is not about this model");
      return givenSizes->rows;
    }
    const auto *model = package.attachments.get<CostModel>();
    if (!model || model->precision == CostPrecision::Keep)
      return llvm::ArrayRef<ModuleCost>();
    return model->rows;
  }

  void report(const PlannedSplit &split, PassContext &context) const {
    for (const std::string &remark : split.remarks)
      context.remark(remark);
    for (const std::string &warning : split.warnings)
      context.warning(warning);
    const planning::Plan &figures = split.figures;
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
  std::optional<CostCsv> givenSizes;
};

} // namespace
} // namespace optrun

OPTRUN_PLUGIN("split-by-memory", OPTRUN_VERSION, optrun::SplitByMemory);

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The pass cost-estimate.

#include "CostTable.h"
#include "ModuleCosts.h"
#include "Options.h"

#include "optrun/Analysis/CostNotes.h"
#include "optrun/Plugin/Plugin.h"
#include "optrun/Storage/OutputFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace optrun {
namespace {

class CostEstimate final : public PackagePass {
public:
  using Options = CostEstimateOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "cost-estimate";
    info.summary = "Estimates what each module of the model holds, computes and moves.";
    info.description =
        "Adds up, for each module, parameters and bytes, and for one run of `batch` sequences of "
        "`sequence` tokens with `context` tokens in the KV cache: FLOPs (attention scores "
        "included), results, traffic, cache entries. Shapes are inferred for that run; weights "
        "are not read. What a model fixes itself (a batch of 1, say) holds.\n\n"
        "Weights that several modules use count in each, and once in totals. Prints a table, and "
        "writes a row for each module to a CSV file when `output` says where: docs/cost-model.md "
        "has the columns and rules.";
    info.writes = {CostModel::Id.str()};
    return info;
  }

  explicit CostEstimate(Options options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    if (!options.output)
      return;
    const std::string &path = options.output->path;
    if (llvm::sys::fs::is_directory(path) || llvm::StringRef(path).ends_with("/"))
      context.error("output", "'" + path + "' is a folder; name a file in it");
    else if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))
      context.error("output", "'" + path + "' is a device, pipe or socket; name a file");
    else if (llvm::sys::fs::exists(path) && !isCostModel(path))
      context.error("output", "'" + path +
                                  "' is no cost model and will not be replaced; name another file "
                                  "or remove it");
  }

  llvm::Error run(ir::Package &package, PassContext &context) override {
    if (package.components.size() != 1)
      return llvm::createStringError(
          std::errc::invalid_argument,
          "cost-estimate looks at one component, but the model has %zu: let it run before the "
          "split",
          package.components.size());
    const ir::Component &component = *package.components.front();
    llvm::Expected<Dataflow> flow = Dataflow::build(component.graph);
    if (!flow)
      return flow.takeError();
    llvm::Expected<GraphCost> cost =
        estimateGraphCost(component, *flow, {options.batch, options.sequence, options.context});
    if (!cost)
      return cost.takeError();
    report(*cost, context);
    if (llvm::Error interrupted = context.checkInterrupted())
      return interrupted;
    auto model =
        std::make_unique<CostModel>(costOfModules(component, *flow, *cost, options.precision));
    if (options.output)
      if (llvm::Error error = write(*model, context))
        return error;
    show(*model, component, *flow, context);
    context.statistic("modules", static_cast<int64_t>(model->rows.size()));
    context.statistic("nodes-of-unknown-shape", static_cast<int64_t>(cost->incompleteNodes));
    package.attachments.set(std::move(model));
    return llvm::Error::success();
  }

private:
  static bool isCostModel(const std::string &path) {
    constexpr uint64_t Enough = 256;
    auto start = llvm::MemoryBuffer::getFileSlice(path, Enough, 0);
    return start && isCostCsv((*start)->getBuffer());
  }

  void report(const GraphCost &cost, PassContext &context) const {
    const InputExtents wanted = {options.batch, options.sequence, options.context};
    context.remark("costs of " + cost.extents.print() +
                   (cost.extents == wanted ? "" : "; the model does not take " + wanted.print()));
    const CostNotes notes = notesOn(cost);
    for (const std::string &remark : notes.remarks)
      context.remark(remark);
    for (const std::string &warning : notes.warnings)
      context.warning(warning);
  }

  llvm::Error write(const CostModel &model, PassContext &context) const {
    const std::string &path = options.output->path;
    llvm::StringRef folder = llvm::sys::path::parent_path(path);
    const llvm::StringRef name = llvm::sys::path::filename(path);
    StagedFolder::Options staging;
    if (llvm::sys::fs::exists(path))
      staging.replaces = {name.str()};
    llvm::Expected<StagedFolder *> staged =
        context.stageFolder(folder.empty() ? "." : folder, std::move(staging));
    if (!staged)
      return staged.takeError();
    llvm::Expected<std::string> place = (*staged)->stage(name);
    if (!place)
      return place.takeError();
    llvm::Expected<OutputFile> file = OutputFile::create(*place);
    if (!file)
      return file.takeError();
    if (llvm::Error error = file->append(llvm::StringRef(printCostCsv(model.rows, options.format))))
      return error;
    return file->close();
  }

  static void show(const CostModel &model, const ir::Component &component, const Dataflow &flow,
                   PassContext &context) {
    llvm::Expected<RepeatedBlock> block = findRepeatedBlock(component, flow);
    context.result(makeCostTable(model, block ? &*block : nullptr));
    llvm::consumeError(block.takeError()); // without layers, modules are shown by themselves
  }

  Options options;
};

} // namespace
} // namespace optrun

OPTRUN_PLUGIN("cost-estimate", OPTRUN_VERSION, optrun::CostEstimate);

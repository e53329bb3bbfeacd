// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The evaluate pass: how good and how fast a model is.

#include "Evaluator.h"
#include "FigureTable.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Runtime/RunningPass.h"
#include "optrun/Tokens/TokenData.h"

using namespace llvm;

namespace optrun::evaluate {
namespace {

class Evaluate final : public PackagePass {
public:
  using Options = EvaluateOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "evaluate";
    info.summary = "Measures perplexity, agreement with a reference, speed and memory.";
    info.description =
        "Runs a decoder, or a chain of components, in ONNX Runtime on token ids, one window after "
        "the other, and its `reference`, when there is one, on the same. docs/evaluation.md has "
        "the formulas. Of each window there is one set of logits for each model in memory, so any "
        "amount of text will do.\n\n"
        "Evaluates what export has written in this run, or else `model`; alone in a recipe, it "
        "needs no model captured. The window is a batch of one row with a mask of ones and "
        "positions from 0 on; a KV cache is empty before it. The first token of a window is not "
        "predicted. Prints a table; the manifest of the exported model gets the figures.\n\n"
        "Needs ONNX Runtime (`tools/dev setup`, or `ONNXRUNTIME_ROOT`); without it the recipe is "
        "refused before anything runs.";
    info.readsIfPresent = {ExportedModel::Id.str()};
    info.writes = {Evaluation::Id.str()};
    info.needsModel = false;
    return info;
  }

  explicit Evaluate(EvaluateOptions options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    runtime::checkUsable(context, "evaluate");
    report(context, "data",
           TokenData::open(options.data.path, {options.tensor, options.window, options.rows})
               .takeError());
    checkModel(context);
    if (options.reference)
      report(context, "reference", findModelFiles(options.reference->path).takeError());
    else if (any_of(options.metrics, needsReference))
      context.error("metrics", "top1, kl and error compare with a reference: set reference");
  }

  Error run(ir::Package &package, PassContext &context) override {
    Expected<ModelFiles> model = findModel(package);
    if (!model)
      return model.takeError();
    std::optional<ModelFiles> reference;
    if (options.reference) {
      Expected<ModelFiles> found = findModelFiles(options.reference->path);
      if (!found)
        return found.takeError();
      reference = std::move(*found);
    }
    Expected<EvaluationFigures> figures = evaluateModel(options, *model, reference, context);
    if (!figures)
      return figures.takeError();
    context.statistic("windows", static_cast<int64_t>(figures->windows));
    context.statistic("scored-tokens", static_cast<int64_t>(figures->scoredTokens()));
    context.result(makeTable(*figures));
    package.attachments.set(
        std::make_unique<Evaluation>(std::move(*figures), /*isOfExport=*/!options.model));
    return Error::success();
  }

private:
  static void report(CheckContext &context, StringRef option, Error error) {
    if (error)
      context.error(option, toString(std::move(error)));
  }

  static Error noModel() {
    return createStringError("there is no model to evaluate: put export before evaluate, or set "
                             "model");
  }

  void checkModel(CheckContext &context) const {
    const bool isExported = context.mayHave(ExportedModel::Id);
    // The manifest says of which model its figures are: the exported one.
    if (isExported && options.model)
      return context.error("model", "there are two models to evaluate: take model out, or export");
    if (!isExported && !options.model)
      return report(context, "", noModel());
    if (options.model)
      report(context, "model", findModelFiles(options.model->path).takeError());
  }

  Expected<ModelFiles> findModel(const ir::Package &package) const {
    if (options.model)
      return findModelFiles(options.model->path);
    const auto *exported = package.attachments.get<ExportedModel>();
    return exported ? modelFilesOf(*exported) : noModel();
  }

  EvaluateOptions options;
};

} // namespace
} // namespace optrun::evaluate

OPTRUN_PLUGIN("evaluate", OPTRUN_VERSION, optrun::evaluate::Evaluate);

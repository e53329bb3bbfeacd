// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Feeds windows to models and scores what they give.

#include "Evaluator.h"

#include "MeasuredModel.h"
#include "Scores.h"

#include "optrun/Tokens/TokenData.h"
#include "optrun/Tokens/TokenInputs.h"

#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::evaluate {
namespace {

class Evaluator {
public:
  Evaluator(const EvaluateOptions &options, PassContext &context)
      : options(options), context(context) {}

  Expected<EvaluationFigures> run(const ModelFiles &modelFiles,
                                  const std::optional<ModelFiles> &referenceFiles) {
    if (Error error = openData())
      return error;
    if (Error error = describe("model", modelFiles, model))
      return error;
    if (referenceFiles)
      if (Error error = describe("reference", *referenceFiles, reference))
        return error;
    if (Error error = data->checkIds(vocabulary, [&] { return context.checkInterrupted(); }))
      return error;
    if (Error error = runWindows())
      return error;
    return figures();
  }

private:
  Error openData() {
    Expected<TokenData> opened =
        TokenData::open(options.data.path, {options.tensor, options.window, options.rows});
    if (!opened)
      return opened.takeError();
    data.emplace(std::move(*opened));
    if (data->leftOver() > 0)
      context.remark(Twine(data->leftOver()) + " tokens at the ends of rows fill no window and " +
                     "are left out");
    return Error::success();
  }

  Error describe(StringRef role, const ModelFiles &files, std::optional<MeasuredModel> &result) {
    Expected<ModelInterface> described =
        describeModel(files, options.logits, /*isOptional=*/role == "reference");
    Error problem =
        described ? checkTakesWindows(*described, data->windowTokens()) : described.takeError();
    if (problem)
      return createStringError("the " + role + " '" + files.name +
                               "': " + toString(std::move(problem)));
    if (described->vocabulary)
      vocabulary = std::min(vocabulary.value_or(*described->vocabulary), *described->vocabulary);
    const runtime::SessionOptions session{options.optimize, context.threads()};
    result.emplace(role.str(), files, std::move(*described), session);
    return Error::success();
  }

  Error runWindows() {
    std::unique_ptr<Progress> progress = context.progress(
        "evaluating tokens", data->windowCount() * data->windowTokens(), Progress::Unit::Items);
    for (size_t window = 0; window != data->windowCount(); ++window) {
      if (Error error = context.checkInterrupted())
        return error;
      if (Error error = runWindow(window))
        return createStringError("in the window from " + data->describePlace(window, 0) +
                                 " on: " + toString(std::move(error)));
      progress->advance(data->windowTokens());
    }
    return Error::success();
  }

  Error runWindow(size_t window) {
    Expected<std::vector<int64_t>> ids = data->read(window);
    if (!ids)
      return ids.takeError();
    runtime::RuntimeValue logits, referenceLogits;
    if (Error error = model->run(*ids).moveInto(logits))
      return error;
    if (reference)
      if (Error error = reference->run(*ids).moveInto(referenceLogits))
        return error;
    return wantsScores() ? score(*ids, logits, referenceLogits) : Error::success();
  }

  Error score(ArrayRef<int64_t> ids, const runtime::RuntimeValue &logits,
              const runtime::RuntimeValue &referenceLogits) {
    WindowLogits window;
    if (Error error = LogitsView::of(logits, ids.size()).moveInto(window.model))
      return error;
    if (reference) {
      Expected<LogitsView> view = LogitsView::of(referenceLogits, ids.size());
      if (!view)
        return view.takeError();
      window.reference = *view;
    }
    return scores.add(ids, window, context);
  }

  bool wantsScores() const {
    return any_of(std::array{Metric::Perplexity, Metric::Top1, Metric::Kl, Metric::Error},
                  [&](Metric metric) { return options.wants(metric); });
  }

  ModelFigures figuresOf(const MeasuredModel &measured, double perplexity) const {
    ModelFigures figures;
    figures.name = measured.name();
    if (options.wants(Metric::Perplexity))
      figures.perplexity = perplexity;
    if (options.wants(Metric::Speed))
      figures.speed = measured.speed();
    return figures;
  }

  EvaluationFigures figures() const {
    EvaluationFigures figures;
    figures.data = sys::path::filename(options.data.path).str();
    figures.windows = data->windowCount();
    figures.windowTokens = data->windowTokens();
    figures.model = figuresOf(*model, scores.perplexity());
    if (!reference)
      return figures;
    figures.reference = figuresOf(*reference, scores.referencePerplexity());
    if (options.wants(Metric::Top1))
      figures.agreement = scores.agreement();
    if (options.wants(Metric::Kl))
      figures.divergence = scores.divergence();
    if (options.wants(Metric::Error)) {
      figures.maxAbsoluteError = scores.maxAbsoluteError();
      figures.maxRelativeError = scores.maxRelativeError();
    }
    return figures;
  }

  const EvaluateOptions &options;
  PassContext &context;
  std::optional<TokenData> data;
  std::optional<MeasuredModel> model, reference;
  std::optional<int64_t> vocabulary; // the smaller of both
  Scores scores;
};

} // namespace

Expected<EvaluationFigures> evaluateModel(const EvaluateOptions &options, const ModelFiles &model,
                                          const std::optional<ModelFiles> &reference,
                                          PassContext &context) {
  return Evaluator(options, context).run(model, reference);
}

} // namespace optrun::evaluate

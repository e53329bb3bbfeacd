// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The calibrate pass: what activations say about weights.

#include "Calibrator.h"
#include "Options.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Results/CapturedModel.h"
#include "optrun/Results/ReferenceModel.h"
#include "optrun/Runtime/RunningPass.h"
#include "optrun/Tokens/TokenInputs.h"

using namespace llvm;

namespace optrun::calibrate {
namespace {

class Calibrate final : public PackagePass {
public:
  using Options = CalibrateOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "calibrate";
    info.summary = "Measures on text how much errors in each input of a weight matter.";
    info.description =
        "Runs the model in ONNX Runtime on token ids and measures the mean square of each input of "
        "its products with weights: an error in a weight's column is multiplied with that input. "
        "`palettize`, and `quantize` with `method: search`, weight squared errors with it, if they "
        "come after this pass.\n\n"
        "The sums of squares are computed inside the model: of no activation more is kept than a "
        "number for each column. The model as a whole has to fit into memory, as ONNX Runtime "
        "loads it; logits are not computed. Each thread runs windows of its own; their sums are "
        "added up in order, so that results do not depend on the number of threads. Windows are "
        "as those of `evaluate`; without `data`, ids are drawn at random. Stands before or after a "
        "split; it changes no component.\n\n"
        "Weights of Conv, LSTM, GRU and RNN, those on the left of a product, and those in nested "
        "graphs are not measured; a warning says so. Ranges of activations are not measured "
        "yet.\n\n"
        "Needs ONNX Runtime (`tools/dev setup`, or `ONNXRUNTIME_ROOT`); without it the recipe is "
        "refused before anything runs. See calibrating.md.";
    info.readsIfPresent = {CapturedModel::Id.str(), ReferenceModel::Id.str()};
    info.writes = {Importance::Id.str()};
    return info;
  }

  explicit Calibrate(CalibrateOptions options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    if (is_contained(options.collect, Collected::Ranges))
      context.error("collect", "ranges are not measured yet; leave them out");
    if (options.collect.empty())
      context.error("collect", "there is nothing to measure: name second-moment");
    if (options.method)
      context.error("method", "method is about ranges, which are not measured yet; leave it out");
    runtime::checkUsable(context, "calibrate");
    if (options.tensor && !options.data)
      context.error("tensor", "tensor chooses one of the tensors of data: set data, too");
    if (options.data)
      if (Error error = TokenData::open(options.data->path, options.selection()).takeError())
        context.error("data", toString(std::move(error)));
  }

  Error run(ir::Package &package, PassContext &context) override {
    Expected<std::unique_ptr<ir::Component>> model = copyWholeModel(package);
    if (!model)
      return model.takeError();
    Expected<TokenModel> tokens = describeTokenModel(*model);
    if (!tokens)
      return tokens.takeError();
    Expected<TokenData> data = findData(*tokens);
    if (!data)
      return data.takeError();
    if (data->leftOver() > 0)
      context.remark(Twine(data->leftOver()) + " tokens at the ends of rows fill no window and " +
                     "are left out");
    Expected<std::unique_ptr<Importance>> importance =
        measureImportance(std::move(*model), *tokens, *data, context);
    if (!importance)
      return importance.takeError();
    const uint64_t count = data->windowCount() * data->windowTokens();
    context.statistic("tokens", static_cast<int64_t>(count));
    context.statistic("weights", static_cast<int64_t>((*importance)->byWeight.size()));
    context.remark("measured the inputs of " + Twine((*importance)->byWeight.size()) +
                   " weights on " + Twine(count) + " tokens" +
                   (options.data ? "" : " drawn at random"));
    package.attachments.set(std::move(*importance));
    return Error::success();
  }

private:
  Expected<TokenData> findData(const TokenModel &model) const {
    constexpr size_t DrawnTokens = 256;
    if (options.data)
      return TokenData::open(options.data->path, options.selection());
    if (model.vocabulary.value_or(0) < 1)
      return createStringError("how many tokens the model knows cannot be told from its graph, so "
                               "none can be drawn: set data");
    const size_t tokens = options.window ? static_cast<size_t>(*options.window)
                                         : std::min(DrawnTokens, nearestWindow(model, DrawnTokens));
    return TokenData::draw(*model.vocabulary, static_cast<size_t>(options.samples), tokens);
  }

  CalibrateOptions options;
};

} // namespace
} // namespace optrun::calibrate

OPTRUN_PLUGIN("calibrate", OPTRUN_VERSION, optrun::calibrate::Calibrate);

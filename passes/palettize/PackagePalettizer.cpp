// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What palettize makes of weights, beside the steps of every compression.

#include "PackagePalettizer.h"

#include "forms/LutForm.h"
#include "forms/LutFunction.h"
#include "kernels/BinnedKMeans.h"

#include "optrun/Compression/InputScales.h"
#include "optrun/Results/Importance.h"
#include "optrun/Transforms/CompressPackage.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace optrun::palettize {
namespace {

class PalettizationPlan final : public CompressionPlan {
public:
  PalettizationPlan(const Weight &weight, const WeightSettings &settings)
      : job(jobFor(weight, settings)), weight(weight), settings(settings) {}

  int64_t opset() const override { return LutFunctionOpset; }
  int64_t irVersion() const override { return LutFunctionIrVersion; }
  std::string format() const override { return settings.describe(); }
  uint64_t storedBytes() const override { return job.storedBytes(); }

  CompressionErrors errors() const override {
    return {result.errors.squaredError, result.errors.squaredWeight, result.errors.nonFinite};
  }

  void report(StringRef name, PassContext &context) const override {
    if (result.excess > BinnedKMeans::NegligibleExcess)
      context.remark("'" + name + "': the weighted squared error may be " +
                     formatv("{0:E1}", result.excess) + " of itself above the least");
  }

  Error rewrite(ArrayRef<WeightUse> uses, ComponentEditor &editor) const override {
    return rewriteUses(weight, uses, job, result, editor);
  }

  PalettizationJob job;
  std::vector<float> inputScales; ///< for job.importance, where nothing was measured
  PalettizedWeight result;

private:
  const Weight &weight;
  WeightSettings settings;
};

class Palettization final : public WeightCompression {
public:
  Palettization(const PalettizeOptions &options, const Importance *importance)
      : options(options), importance(importance) {}

  Expected<std::unique_ptr<CompressionPlan>> plan(const Weight &weight,
                                                  std::optional<size_t> number) override {
    const PalettizeRule *rule = number ? &options.rules[*number] : nullptr;
    if (rule && rule->skip)
      return nullptr;
    const WeightSettings settings = settingsFor(options, rule);
    auto plan = std::make_unique<PalettizationPlan>(weight, settings);
    if (settings.useImportance == UseImportance::Yes && !importance)
      return createStringError("use-importance: no pass before this one has measured it");
    if (settings.useImportance != UseImportance::No)
      if (Error error = weigh(weight, settings.useImportance == UseImportance::Estimated, *plan))
        return error;
    return plan;
  }

  Error compress(ArrayRef<std::unique_ptr<CompressionPlan>> plans, PassContext &context) override {
    auto planOf = [](const std::unique_ptr<CompressionPlan> &plan) -> PalettizationPlan & {
      return static_cast<PalettizationPlan &>(*plan);
    };
    std::vector<PalettizationJob> jobs;
    for (const std::unique_ptr<CompressionPlan> &plan : plans)
      jobs.push_back(planOf(plan).job);
    Expected<std::vector<PalettizedWeight>> results = palettizeWeights(jobs, context);
    if (!results)
      return results.takeError();
    for (const auto &[plan, result] : zip_equal(plans, *results))
      planOf(plan).result = std::move(result);
    return Error::success();
  }

private:
  /// By what was measured or else, \p isEstimated, what the graph and the weights say.
  Error weigh(const Weight &weight, bool isEstimated, PalettizationPlan &plan) const {
    if (importance)
      if (Error error = importance->findFirst(weight.names, weight.layout.columns)
                            .moveInto(plan.job.importance))
        return error;
    if (!isEstimated || !plan.job.importance.empty())
      return Error::success();
    if (Error error = squaredInputScales(weight).moveInto(plan.inputScales))
      return error;
    plan.job.importance = plan.inputScales;
    plan.job.settings.weighByMagnitude = true;
    return Error::success();
  }

  const PalettizeOptions &options;
  const Importance *importance;
};

} // namespace

Expected<std::vector<CompressedWeight>>
palettizePackage(ir::Package &package, const PalettizeOptions &options, PassContext &context) {
  Palettization palettization(options, package.attachments.get<Importance>());
  return compressPackage(package, {"palettize", "palettized", selectionOf(options)}, palettization,
                         context);
}

} // namespace optrun::palettize

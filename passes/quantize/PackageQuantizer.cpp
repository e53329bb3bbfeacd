// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What quantize makes of weights, beside the steps of every compression.

#include "PackageQuantizer.h"

#include "forms/Form.h"

#include "optrun/Results/Importance.h"
#include "optrun/Transforms/CompressPackage.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::quantize {
namespace {

class QuantizationPlan final : public CompressionPlan {
public:
  QuantizationPlan(const Weight &weight, const WeightSettings &settings, const Form &form)
      : weight(weight), form(form), job(form.job(weight, settings)), settings(settings) {}

  int64_t opset() const override { return form.opset(weight, job); }
  /// What stores integers of so many bits, and constants that are no inputs.
  int64_t irVersion() const override {
    return job.grid.bits == 2 ? 13 : job.grid.bits == 4 ? 10 : 4;
  }
  std::string format() const override { return settings.describe(); }
  uint64_t storedBytes() const override { return job.storedBytes(); }

  CompressionErrors errors() const override {
    return {result.errors.squaredError, result.errors.squaredWeight, result.errors.nonFiniteValues};
  }

  void report(StringRef name, PassContext &context) const override {
    const BlockErrors &errors = result.errors;
    const std::string of = " in '" + name.str() + "'";
    if (errors.clampedScales != 0)
      context.warning(Twine(errors.clampedScales) + " scales are too large for half precision" +
                      of + ": the values are cut off");
    if (errors.subnormalScales != 0)
      context.remark(Twine(errors.subnormalScales) +
                     " scales are too small to be exact (subnormal)" + of);
  }

  Error rewrite(ArrayRef<WeightUse> uses, ComponentEditor &editor) const override {
    return form.rewrite(weight, uses, job, result, editor);
  }

  const Weight &weight;
  const Form &form;
  QuantizationJob job;
  QuantizedWeight result;

private:
  WeightSettings settings;
};

QuantizationPlan &asQuantization(const std::unique_ptr<CompressionPlan> &plan) {
  return static_cast<QuantizationPlan &>(*plan);
}

class Quantization final : public WeightCompression {
public:
  Quantization(const QuantizeOptions &options, const Importance *importance)
      : options(options), importance(importance),
        special(options.kind == Kind::Dynamic
                    ? makeDynamicForm()
                    : makeOperatorForm(options.accuracyLevel.value_or(0))),
        standard(makeDequantizeForm()) {}

  Expected<std::unique_ptr<CompressionPlan>> plan(const Weight &weight,
                                                  std::optional<size_t> number) override {
    const QuantizeRule *rule = number ? &options.rules[*number] : nullptr;
    if (rule && rule->skip)
      return nullptr;
    const WeightSettings settings = settingsFor(options, rule);
    const bool isSpecial = (options.kind == Kind::Dynamic || options.format == Format::Operator) &&
                           special->takes(weight, settings);
    auto plan =
        std::make_unique<QuantizationPlan>(weight, settings, isSpecial ? *special : *standard);
    if (settings.method == Method::Search && importance)
      if (Error error = importance->findFirst(weight.names, weight.layout.columns)
                            .moveInto(plan->job.importance))
        return error;
    return plan;
  }

  Error compress(ArrayRef<std::unique_ptr<CompressionPlan>> plans, PassContext &context) override {
    std::vector<QuantizationJob> jobs;
    for (const std::unique_ptr<CompressionPlan> &plan : plans)
      jobs.push_back(asQuantization(plan).job);
    Expected<std::vector<QuantizedWeight>> results = quantizeWeights(jobs, context);
    if (!results)
      return results.takeError();
    for (const auto &[plan, result] : zip_equal(plans, *results)) {
      QuantizationPlan &quantization = asQuantization(plan);
      quantization.result = std::move(result);
      if (options.format == Format::Operator && &quantization.form == standard.get() &&
          quantization.errors().nonFiniteValues == 0)
        withoutOperator.push_back(quantization.weight.names.front());
    }
    return Error::success();
  }

  void sayWhatHasNoOperator(PassContext &context) const {
    if (!withoutOperator.empty())
      context.remark(Twine(withoutOperator.size()) +
                     " weights have no operator of com.microsoft and are read by "
                     "DequantizeLinear, '" +
                     withoutOperator.front() + "' for one");
  }

private:
  const QuantizeOptions &options;
  const Importance *importance;
  std::unique_ptr<Form> special, standard;
  std::vector<std::string> withoutOperator;
};

} // namespace

Expected<std::vector<CompressedWeight>>
quantizePackage(ir::Package &package, const QuantizeOptions &options, PassContext &context) {
  Quantization quantization(options, package.attachments.get<Importance>());
  Expected<std::vector<CompressedWeight>> weights = compressPackage(
      package, {"quantize", "quantized", selectionOf(options)}, quantization, context);
  if (weights)
    quantization.sayWhatHasNoOperator(context);
  return weights;
}

} // namespace optrun::quantize

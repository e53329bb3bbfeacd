// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Defaults that depend on other options, and what does not fit together.

#include "Options.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace optrun::quantize {
namespace {

constexpr int64_t DefaultBlockSize = 32;

Granularity granularityOf(const QuantizeOptions &options, const QuantizeRule *rule, unsigned bits) {
  if (rule && rule->granularity)
    return *rule->granularity;
  if (rule && rule->blockSize)
    return Granularity::PerBlock;
  if (options.granularity)
    return *options.granularity;
  if (options.kind == Kind::Dynamic)
    return Granularity::PerChannel;
  return bits < 8 || options.blockSize || options.format == Format::Operator
             ? Granularity::PerBlock
             : Granularity::PerChannel;
}

/// Checks the settings of all weights, or those of a rule.
class Checker {
public:
  explicit Checker(const QuantizeOptions &options) : options(options) {}

  std::vector<OptionProblem> run() {
    problems = findPatternProblems(selectionOf(options));
    checkKind();
    checkSettings(nullptr);
    for (const auto &[index, rule] : llvm::enumerate(options.rules)) {
      prefix = "rules[" + std::to_string(index) + "].";
      if (!rule.skip)
        checkSettings(&rule);
    }
    return std::move(problems);
  }

private:
  void problem(const std::string &option, std::string message) {
    problems.push_back({prefix + option, std::move(message)});
  }

  void checkKind() {
    if (options.kind == Kind::Static)
      problem("kind", "static quantization is not finished; use dynamic or weights");
    if (options.kind == Kind::Dynamic && options.format == Format::Operator)
      problem("format", "dynamic quantization has no form of com.microsoft's operators: use qdq");
    if (options.accuracyLevel && options.format != Format::Operator)
      problem("accuracy-level", "is an attribute of MatMulNBits: it needs format: operator");
  }

  /// Reported where the rule says it, else at the rule (or the pass) as a whole.
  void checkSettings(const QuantizeRule *rule) {
    const WeightSettings settings = settingsFor(options, rule);
    const bool ownsBlockSize = rule ? rule->blockSize.has_value() : options.blockSize.has_value();
    if (ownsBlockSize && settings.granularity != Granularity::PerBlock)
      problem("block-size", "needs granularity: per-block");
    if (settings.granularity == Granularity::PerTensor && settings.method != Method::Rtn)
      problem("method", "one scale for a whole weight is found by rtn only");
    if (options.format == Format::Operator)
      checkOperator(settings);
    if (options.kind == Kind::Dynamic)
      checkDynamic(settings);
  }

  void checkOperator(const WeightSettings &settings) {
    if (settings.granularity != Granularity::PerBlock)
      problem("granularity", "com.microsoft's operators take weights in blocks: use per-block, or "
                             "format: qdq");
    else if (settings.blockSize < 16 || settings.blockSize > 256 ||
             !llvm::isPowerOf2_64(settings.blockSize)) // as of ONNX Runtime 1.31
      problem("block-size", "com.microsoft's operators take blocks of 16, 32, 64, 128 or 256 "
                            "weights; other sizes need format: qdq");
  }

  void checkDynamic(const WeightSettings &settings) {
    if (settings.bits() != 8)
      problem("dtype", "products are computed in 8 bits: use int8 or uint8");
    if (settings.granularity == Granularity::PerBlock)
      problem("granularity",
              "products of whole channels are scaled: use per-channel or per-tensor");
  }

  const QuantizeOptions &options;
  std::vector<OptionProblem> problems;
  std::string prefix;
};

} // namespace

WeightSettings settingsFor(const QuantizeOptions &options, const QuantizeRule *rule) {
  WeightSettings settings;
  settings.dtype = rule && rule->dtype ? *rule->dtype : options.dtype;
  settings.mode = rule && rule->mode ? *rule->mode : options.mode;
  settings.method = rule && rule->method ? *rule->method : options.method;
  settings.granularity = granularityOf(options, rule, settings.bits());
  const std::optional<int64_t> blockSize =
      rule && rule->blockSize ? rule->blockSize : options.blockSize;
  settings.blockSize = static_cast<uint64_t>(blockSize.value_or(DefaultBlockSize));
  return settings;
}

std::vector<OptionProblem> findProblems(const QuantizeOptions &options) {
  return Checker(options).run();
}

} // namespace optrun::quantize

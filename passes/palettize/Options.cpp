// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Defaults that depend on other options, and what does not fit together.

#include "Options.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::palettize {
namespace {

constexpr int64_t DefaultGroupSize = 32;

Granularity granularityOf(const PalettizeOptions &options, const PalettizeRule *rule) {
  if (rule && rule->granularity)
    return *rule->granularity;
  if (rule && rule->groupSize)
    return Granularity::PerGroupedChannel;
  if (options.granularity)
    return *options.granularity;
  return options.groupSize ? Granularity::PerGroupedChannel : Granularity::PerTensor;
}

/// Checks the settings of all weights, or those of a rule. Each problem is reported where the
/// option is given.
class Checker {
public:
  Checker(const PalettizeOptions &options, bool mayHaveImportance)
      : options(options), mayHaveImportance(mayHaveImportance) {}

  std::vector<OptionProblem> run() {
    problems = findPatternProblems(selectionOf(options));
    if (options.groupSize)
      checkGroupSize(settingsFor(options, nullptr));
    check(settingsFor(options, nullptr));
    for (const auto &[index, rule] : llvm::enumerate(options.rules)) {
      prefix = "rules[" + std::to_string(index) + "].";
      const WeightSettings settings = settingsFor(options, &rule);
      if (rule.groupSize)
        checkGroupSize(settings);
      if (!rule.skip)
        check(settings);
    }
    return std::move(problems);
  }

private:
  void problem(const std::string &option, std::string message) {
    problems.push_back({prefix + option, std::move(message)});
  }

  void checkGroupSize(const WeightSettings &settings) {
    if (settings.granularity != Granularity::PerGroupedChannel)
      problem("group-size", "needs granularity: per-grouped-channel");
  }

  void check(const WeightSettings &settings) {
    if (settings.bits == 5 || settings.bits == 7)
      problem("bits", "indices have 1, 2, 3, 4, 6 or 8 bits");
    const bool isAskedFor = settings.useImportance == UseImportance::Yes;
    if (isAskedFor && !mayHaveImportance)
      problem("use-importance", "no pass before this one measures importance: put calibrate before "
                                "it, or use estimated");
    if ((isAskedFor || settings.useImportance == UseImportance::Estimated) &&
        settings.method == Method::Uniform)
      problem("use-importance", "uniform tables depend on the extremes alone: use exact or lloyd");
  }

  const PalettizeOptions &options;
  bool mayHaveImportance;
  std::vector<OptionProblem> problems;
  std::string prefix;
};

} // namespace

WeightSettings settingsFor(const PalettizeOptions &options, const PalettizeRule *rule) {
  WeightSettings settings;
  settings.bits = static_cast<unsigned>(rule && rule->bits ? *rule->bits : options.bits);
  settings.granularity = granularityOf(options, rule);
  const std::optional<int64_t> groupSize =
      rule && rule->groupSize ? rule->groupSize : options.groupSize;
  settings.groupSize = static_cast<uint64_t>(groupSize.value_or(DefaultGroupSize));
  settings.perChannelScale =
      rule && rule->perChannelScale ? *rule->perChannelScale : options.perChannelScale;
  settings.lutDtype = rule && rule->lutDtype ? *rule->lutDtype : options.lutDtype;
  settings.method = rule && rule->method ? *rule->method : options.method;
  settings.useImportance =
      rule && rule->useImportance ? *rule->useImportance : options.useImportance;
  return settings;
}

std::vector<OptionProblem> findProblems(const PalettizeOptions &options, bool mayHaveImportance) {
  return Checker(options, mayHaveImportance).run();
}

} // namespace optrun::palettize

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of palettize.

#ifndef OPTRUN_PASSES_PALETTIZE_OPTIONS_H
#define OPTRUN_PASSES_PALETTIZE_OPTIONS_H

#include "WeightSettings.h"

#include "optrun/Compression/SelectionOptions.h"
#include "optrun/Options/Options.h"

namespace optrun::palettize {

/// What can be said of all weights, and of some by a rule.
template <typename Owner, typename Binder> void bindWeightOptions(Binder &bind) {
  bind.option("bits", &Owner::bits, "Bits of an index: 1, 2, 3, 4, 6 or 8.").range(1, 8);
  bind.option("granularity", &Owner::granularity,
              "What shares a table. By default groups where group-size is given, else whole "
              "weights.")
      .values({{"per-tensor", Granularity::PerTensor, "a whole weight"},
               {"per-grouped-channel", Granularity::PerGroupedChannel,
                "group-size consecutive output channels, or entries of an embedding"},
               {"per-channel", Granularity::PerChannel, "one of them"}});
  bind.option("group-size", &Owner::groupSize,
              "Channels of a group, 32 by default. The last group of a weight may have fewer.")
      .range(1, int64_t{1} << 30);
  bind.option("per-channel-scale", &Owner::perChannelScale,
              "Divides each output channel by its largest magnitude, which is stored beside the "
              "table.");
  bind.option("lut-dtype", &Owner::lutDtype, "What tables hold.")
      .values({{"fp16", LutDtype::Float16,
                "numbers in half precision (bfloat16 for weights in bfloat16)"},
               {"int8", LutDtype::Int8, "integers, and a scale for each table"}});
  bind.option("method", &Owner::method, "How the entries of a table are found.")
      .values({{"exact", Method::Optimal, "the least sum of squared errors that there is"},
               {"lloyd", Method::Lloyd, "by Lloyd's iteration: a local optimum"},
               {"uniform", Method::Uniform, "evenly spaced between the extremes"}});
  bind.option("use-importance", &Owner::useImportance, "What squared errors are weighted with.")
      .values({{"auto", UseImportance::Auto,
                "the importance of inputs where a pass before has measured it, else nothing"},
               {"true", UseImportance::Yes, "the same, but importance has to be measured"},
               {"false", UseImportance::No, "nothing: tables have the least squared errors"},
               {"estimated", UseImportance::Estimated,
                "as auto, but where nothing is measured, what the model says: the squared scales "
                "of normalizations, and magnitudes. Better for language models"}});
}

struct PalettizeRule {
  std::string match;
  bool skip = false;
  std::optional<int64_t> bits;
  std::optional<Granularity> granularity;
  std::optional<int64_t> groupSize;
  std::optional<bool> perChannelScale;
  std::optional<LutDtype> lutDtype;
  std::optional<Method> method;
  std::optional<UseImportance> useImportance;

  bool changesSettings() const {
    return bits || granularity || groupSize || perChannelScale || lutDtype || method ||
           useImportance;
  }

  static void bind(OptionBinder<PalettizeRule> &bind) {
    bindRule<PalettizeRule>(bind);
    bindWeightOptions<PalettizeRule>(bind);
  }
};

struct PalettizeOptions {
  int64_t bits = 4;
  std::optional<Granularity> granularity;
  std::optional<int64_t> groupSize;
  bool perChannelScale = false;
  LutDtype lutDtype = LutDtype::Float16;
  Method method = Method::Optimal;
  UseImportance useImportance = UseImportance::Auto;
  std::vector<std::string> include, exclude;
  std::vector<PalettizeRule> rules;
  int64_t minElements = 2048;

  static void bind(OptionBinder<PalettizeOptions> &bind) {
    bindWeightOptions<PalettizeOptions>(bind);
    bindSelection<PalettizeOptions>(bind);
  }
};

/// The settings of weights that \p rule applies to; null: that no rule applies to.
WeightSettings settingsFor(const PalettizeOptions &options, const PalettizeRule *rule);

/// Options that fit together in no way. \p mayHaveImportance: whether a pass before may have
/// measured it.
std::vector<OptionProblem> findProblems(const PalettizeOptions &options, bool mayHaveImportance);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_OPTIONS_H

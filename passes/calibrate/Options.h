// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of the calibrate pass.

#ifndef OPTRUN_PASSES_CALIBRATE_OPTIONS_H
#define OPTRUN_PASSES_CALIBRATE_OPTIONS_H

#include "optrun/Options/Options.h"
#include "optrun/Tokens/TokenData.h"

namespace optrun::calibrate {

enum class Collected { SecondMoment, Ranges };
enum class RangeMethod { MinMax, Percentile, Entropy };

struct CalibrateOptions {
  std::optional<FilePath> data;
  std::optional<std::string> tensor;
  std::optional<int64_t> window;
  int64_t samples = 32;
  std::vector<Collected> collect = {Collected::SecondMoment};
  std::optional<RangeMethod> method;

  /// How `data` is divided.
  WindowSelection selection() const { return {tensor, window, samples}; }

  static void bind(OptionBinder<CalibrateOptions> &bind) {
    bind.option("data", &CalibrateOptions::data,
                "Text as token ids, of the kind that the model is for, and not what it is "
                "evaluated on: a .safetensors or .npy file with whole numbers of 32 or 64 bits, "
                "[rows, tokens] or [tokens]. Without it, ids are drawn from the vocabulary, always "
                "the same ones: better than nothing by far, and worse than text.");
    bind.option("tensor", &CalibrateOptions::tensor,
                "Which tensor of a .safetensors file holds the ids; not needed when it has one.");
    bind.option(
            "window", &CalibrateOptions::window,
            "Cuts every row into windows of so many tokens, and leaves the rest of it out. By "
            "default each row is a window; where ids are drawn, it has 256 tokens, or as many as "
            "the model takes, if it takes fewer.")
        .range(2, int64_t(1) << 30);
    bind.option("samples", &CalibrateOptions::samples,
                "How many windows to use, from the first one on; all, where there are fewer.")
        .range(1, int64_t(1) << 30);
    bind.option("collect", &CalibrateOptions::collect, "What to measure.")
        .values({{"second-moment", Collected::SecondMoment,
                  "the mean square of each input of the products with weights: how much errors in "
                  "a weight's columns matter (`optrun.Importance/1`)"},
                 {"ranges", Collected::Ranges, "ranges of activations: not there yet, an error"}});
    bind.option("method", &CalibrateOptions::method,
                "How ranges are found: not there yet, an error.")
        .values({{"minmax", RangeMethod::MinMax, "the extremes"},
                 {"percentile", RangeMethod::Percentile, "all but the most extreme"},
                 {"entropy", RangeMethod::Entropy, "the least divergence"}});
  }
};

} // namespace optrun::calibrate

#endif // OPTRUN_PASSES_CALIBRATE_OPTIONS_H

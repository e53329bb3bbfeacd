// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of the evaluate pass.

#ifndef OPTRUN_PASSES_EVALUATE_OPTIONS_H
#define OPTRUN_PASSES_EVALUATE_OPTIONS_H

#include "optrun/Options/Options.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::evaluate {

enum class Metric { Perplexity, Top1, Kl, Error, Speed };

/// Metrics that compare with a reference.
inline bool needsReference(Metric metric) {
  return metric == Metric::Top1 || metric == Metric::Kl || metric == Metric::Error;
}

struct EvaluateOptions {
  FilePath data;
  std::optional<std::string> tensor;
  std::optional<int64_t> window, rows;
  std::optional<FilePath> model, reference;
  std::optional<std::string> logits;
  std::vector<Metric> metrics;
  bool optimize = true;

  /// Whether \p metric was asked for: by name, or by naming none, when it applies.
  bool wants(Metric metric) const {
    if (!metrics.empty())
      return llvm::is_contained(metrics, metric);
    return reference || !needsReference(metric);
  }

  static void bind(OptionBinder<EvaluateOptions> &bind) {
    bind.option("data", &EvaluateOptions::data,
                "The text as token ids: a .safetensors or .npy file with whole numbers of 32 or 64 "
                "bits, [rows, tokens] or [tokens].")
        .required();
    bind.option("tensor", &EvaluateOptions::tensor,
                "Which tensor of a .safetensors file holds the ids; not needed when it has one.");
    bind.option("window", &EvaluateOptions::window,
                "Cuts every row into windows of so many tokens, and leaves the rest of it out. By "
                "default each row is a window.")
        .range(2, int64_t(1) << 30);
    bind.option("rows", &EvaluateOptions::rows,
                "How many rows to use, from the first one on; with window, rows of that length. By "
                "default all.")
        .min(1);
    bind.option("model", &EvaluateOptions::model,
                "The model to evaluate: an ONNX file, or a folder that export wrote. By default, "
                "what export has written in this run.");
    bind.option("reference", &EvaluateOptions::reference,
                "The model to compare with: an ONNX file, or a folder that export wrote.");
    bind.option("logits", &EvaluateOptions::logits,
                "The output that holds the logits. By default the one called logits, else the only "
                "one with floating-point numbers and three dimensions.");
    bind.option("metrics", &EvaluateOptions::metrics,
                "What to measure; by default all that applies.")
        .values({{"perplexity", Metric::Perplexity, "exp of the mean loss of each next token"},
                 {"top1", Metric::Top1, "how often both models find the same token most likely"},
                 {"kl", Metric::Kl, "mean Kullback-Leibler divergence from the reference"},
                 {"error", Metric::Error, "largest difference of logits"},
                 {"speed", Metric::Speed, "tokens per second, time to load, memory"}});
    bind.option("optimize", &EvaluateOptions::optimize,
                "ONNX Runtime's graph optimizations. Without them every operator is computed as "
                "the model states it: a model and the components cut from it then give the same "
                "figures to the last bit.");
  }
};

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_OPTIONS_H

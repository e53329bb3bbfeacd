// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sums of the figures of all positions of all windows.

#ifndef OPTRUN_PASSES_EVALUATE_SCORES_H
#define OPTRUN_PASSES_EVALUATE_SCORES_H

#include "LogitsView.h"
#include "Metrics.h"

#include "optrun/Pass/PassContext.h"
#include "optrun/Results/Evaluation.h"

namespace optrun::evaluate {

/// The logits of one window: the model's and, when there is one, the reference's.
struct WindowLogits {
  LogitsView model;
  std::optional<LogitsView> reference;
};

class Scores {
public:
  /// Adds a window of tokens \p ids, which are in the vocabulary. Positions are scored in parallel
  /// and added up in order. An error where logits are NaN or +inf: nothing can be said about a
  /// model that gives such, and NaN would hide it.
  llvm::Error add(llvm::ArrayRef<int64_t> ids, const WindowLogits &logits, PassContext &context);

  /// exp of the mean loss: of token i + 1 of each window, given the tokens up to i.
  double perplexity() const;
  double referencePerplexity() const;

  // Of the model against the reference, over all positions.
  double agreement() const;
  double divergence() const;
  double maxAbsoluteError() const { return maxAbsolute; }
  double maxRelativeError() const;

private:
  struct Position;
  static llvm::Error score(llvm::ArrayRef<int64_t> ids, size_t position, const WindowLogits &logits,
                           Position &result);

  uint64_t positions = 0, scored = 0, agreeing = 0;
  double loss = 0, referenceLoss = 0, divergences = 0;
  double maxAbsolute = 0, largestReference = 0;
};

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_SCORES_H

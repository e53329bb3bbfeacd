// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Figures about the logits of one position, over spans: what is asked of each of them.
///
/// Sums are in double precision and in a fixed order: the same logits give the same bits on every
/// processor.

#ifndef OPTRUN_PASSES_EVALUATE_METRICS_H
#define OPTRUN_PASSES_EVALUATE_METRICS_H

#include "llvm/ADT/ArrayRef.h"

namespace optrun::evaluate {

/// The token distribution that logits stand for, p_i = e^(x_i - logSum).
struct Prediction {
  llvm::ArrayRef<float> logits;
  size_t top = 0;    // the first of the largest logits
  double logSum = 0; // ln of the sum of e^x; NaN when a logit is NaN or +inf, or all are -inf
};

/// \p logits: at least one.
Prediction predict(llvm::ArrayRef<float> logits);

/// -ln p of \p token.
double lossOf(const Prediction &prediction, size_t token);

/// KL(reference ‖ model) = Σ p_i (ln p_i - ln q_i), in nats, for as many logits on both sides. A
/// token that the reference rules out (a logit of -inf) adds nothing; one that only the model rules
/// out makes it infinite.
double divergence(const Prediction &reference, const Prediction &model);

struct Deviation {
  double maxAbsolute = 0;      // largest |reference - model|; an infinity equals itself
  double largestReference = 0; // largest finite |reference|
};
Deviation deviation(llvm::ArrayRef<float> reference, llvm::ArrayRef<float> model);

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_METRICS_H

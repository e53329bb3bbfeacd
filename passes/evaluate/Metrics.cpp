// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Loops over logits, written for the vectorizer: a block of terms, then their sum or maximum in
/// lanes, because it must not reorder sums of numbers by itself.

#include "Metrics.h"

#include "Exponential.h"

#include "optrun/Support/VectorTarget.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace optrun::evaluate {
namespace {

constexpr size_t BlockSize = 512, LaneCount = 8;
constexpr double Infinity = std::numeric_limits<double>::infinity();

/// Running sums or maxima, each of every eighth term.
struct Lanes {
  double values[LaneCount] = {};

  template <typename Combine>
  [[gnu::always_inline]] void take(const double *terms, size_t count, Combine combine) {
    size_t i = 0;
    for (; i + LaneCount <= count; i += LaneCount)
      for (size_t lane = 0; lane != LaneCount; ++lane)
        values[lane] = combine(values[lane], terms[i + lane]);
    for (size_t lane = 0; i + lane < count; ++lane)
      values[lane] = combine(values[lane], terms[i + lane]);
  }

  double sum() const {
    return ((values[0] + values[1]) + (values[2] + values[3])) +
           ((values[4] + values[5]) + (values[6] + values[7]));
  }
  double max() const { return *std::max_element(values, values + LaneCount); }
};

/// Sums term(i) for all i below \p count.
template <typename Term> [[gnu::always_inline]] inline double sumOf(size_t count, Term term) {
  Lanes sums;
  double terms[BlockSize];
  for (size_t begin = 0; begin < count; begin += BlockSize) {
    const size_t size = std::min(BlockSize, count - begin);
    for (size_t i = 0; i != size; ++i)
      terms[i] = term(begin + i);
    sums.take(terms, size, [](double sum, double value) { return sum + value; });
  }
  return sums.sum();
}

/// The largest of term(i), which are not negative, or 0. NaN counts as nothing.
template <typename Term> [[gnu::always_inline]] inline double maxOf(size_t count, Term term) {
  Lanes largest;
  double terms[BlockSize];
  for (size_t begin = 0; begin < count; begin += BlockSize) {
    const size_t size = std::min(BlockSize, count - begin);
    for (size_t i = 0; i != size; ++i)
      terms[i] = term(begin + i);
    largest.take(terms, size,
                 [](double most, double value) { return value > most ? value : most; });
  }
  return largest.max();
}

[[gnu::always_inline]] inline size_t topLoop(const float *logits, size_t count) {
  size_t topBlock = 0;
  float most = -std::numeric_limits<float>::infinity();
  for (size_t begin = 0; begin < count; begin += BlockSize) {
    const size_t size = std::min(BlockSize, count - begin);
    float lanes[LaneCount];
    std::fill_n(lanes, LaneCount, most);
    size_t i = 0;
    for (; i + LaneCount <= size; i += LaneCount)
      for (size_t lane = 0; lane != LaneCount; ++lane) {
        const float logit = logits[begin + i + lane];
        lanes[lane] = logit > lanes[lane] ? logit : lanes[lane];
      }
    for (; i != size; ++i)
      lanes[0] = logits[begin + i] > lanes[0] ? logits[begin + i] : lanes[0];
    const float blockMost = *std::max_element(lanes, lanes + LaneCount);
    if (blockMost > most) {
      most = blockMost;
      topBlock = begin;
    }
  }
  const float *end = logits + std::min(topBlock + BlockSize, count);
  const float *top = std::find(logits + topBlock, end, most);
  return top == end ? 0 : static_cast<size_t>(top - logits); // all are NaN or -inf
}

[[gnu::always_inline]] inline double exponentialsLoop(const float *logits, size_t count,
                                                      double peak) {
  return sumOf(count, [=](size_t i) { return exponentialOf(logits[i] - peak); });
}

/// Σ p_i (x_i - y_i)
[[gnu::always_inline]] inline double expectedGapLoop(const float *reference, const float *model,
                                                     size_t count, double logSum) {
  return sumOf(count, [=](size_t i) {
    const double probability = exponentialOf(reference[i] - logSum);
    const double gap = static_cast<double>(reference[i]) - model[i];
    return probability == 0 ? 0 : probability * gap;
  });
}

[[gnu::always_inline]] inline Deviation deviationLoop(const float *reference, const float *model,
                                                      size_t count) {
  Deviation result;
  result.maxAbsolute = maxOf(count, [=](size_t i) {
    const double gap = std::fabs(static_cast<double>(reference[i]) - model[i]);
    return reference[i] == model[i] ? 0 : gap;
  });
  result.largestReference = maxOf(count, [=](size_t i) {
    const double magnitude = std::fabs(static_cast<double>(reference[i]));
    return magnitude == Infinity ? 0 : magnitude;
  });
  return result;
}

// The loops once more for wide vectors.

struct Kernels {
  size_t (*top)(const float *, size_t);
  double (*exponentials)(const float *, size_t, double);
  double (*expectedGap)(const float *, const float *, size_t, double);
  Deviation (*deviation)(const float *, const float *, size_t);
};

constexpr Kernels Portable = {
    [](const float *logits, size_t count) { return topLoop(logits, count); },
    [](const float *logits, size_t count, double peak) {
      return exponentialsLoop(logits, count, peak);
    },
    [](const float *reference, const float *model, size_t count, double logSum) {
      return expectedGapLoop(reference, model, count, logSum);
    },
    [](const float *reference, const float *model, size_t count) {
      return deviationLoop(reference, model, count);
    }};

OPTRUN_VECTOR_TARGET size_t fastTop(const float *logits, size_t count) {
  return topLoop(logits, count);
}
OPTRUN_VECTOR_TARGET double fastExponentials(const float *logits, size_t count, double peak) {
  return exponentialsLoop(logits, count, peak);
}
OPTRUN_VECTOR_TARGET double fastExpectedGap(const float *reference, const float *model,
                                            size_t count, double logSum) {
  return expectedGapLoop(reference, model, count, logSum);
}
OPTRUN_VECTOR_TARGET Deviation fastDeviation(const float *reference, const float *model,
                                             size_t count) {
  return deviationLoop(reference, model, count);
}
constexpr Kernels Fast = {fastTop, fastExponentials, fastExpectedGap, fastDeviation};

const Kernels &kernels() {
  static const Kernels &chosen = hasVectorTarget() ? Fast : Portable;
  return chosen;
}

} // namespace

Prediction predict(llvm::ArrayRef<float> logits) {
  Prediction prediction{logits, kernels().top(logits.data(), logits.size())};
  // The largest exponent is 0, so that nothing overflows and the sum is at least 1.
  const double peak = logits[prediction.top];
  prediction.logSum = peak + std::log(kernels().exponentials(logits.data(), logits.size(), peak));
  return prediction;
}

double lossOf(const Prediction &prediction, size_t token) {
  return prediction.logSum - prediction.logits[token];
}

double divergence(const Prediction &reference, const Prediction &model) {
  // Σ p_i (x_i - X - y_i + Y) = Σ p_i (x_i - y_i) - X + Y for logits x, y and their log sums X, Y.
  // Where both sides are equal that is 0 exactly; below 0 it is only by rounding.
  const double gap = kernels().expectedGap(reference.logits.data(), model.logits.data(),
                                           reference.logits.size(), reference.logSum);
  return std::max(gap - (reference.logSum - model.logSum), 0.0);
}

Deviation deviation(llvm::ArrayRef<float> reference, llvm::ArrayRef<float> model) {
  return kernels().deviation(reference.data(), model.data(), reference.size());
}

} // namespace optrun::evaluate

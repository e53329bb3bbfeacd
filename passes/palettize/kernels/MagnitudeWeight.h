// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What counts where nobody has measured what counts.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_MAGNITUDEWEIGHT_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_MAGNITUDEWEIGHT_H

#include <algorithm>
#include <cmath>

namespace optrun::palettize {

/// How squared errors count by the values themselves, where nothing else is known: rms + |x|, as a
/// part of the most that it is. A few large weights decide what a model computes; llama.cpp weighs
/// errors so, too.
class MagnitudeWeight {
public:
  /// All count alike.
  MagnitudeWeight() = default;
  /// Of \p count values, with the sum of their squares and the largest magnitude.
  MagnitudeWeight(double squares, double count, double largest)
      : rms(count == 0 ? 0 : std::sqrt(squares / count)),
        scale(largest == 0 ? 0 : 1 / (rms + largest)) {}

  bool isEqual() const { return scale == 0; }

  /// 0 .. 1
  double of(double value) const {
    return scale == 0 ? 1 : std::min((rms + std::abs(value)) * scale, 1.0);
  }

private:
  double rms = 0, scale = 0;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_MAGNITUDEWEIGHT_H

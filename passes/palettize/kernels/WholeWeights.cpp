// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Floats as multiples of a unit.

#include "WholeWeights.h"

#include "WeightedValues.h"

#include <algorithm>
#include <cmath>

namespace optrun::palettize {

WholeWeights::WholeWeights(llvm::ArrayRef<float> importance) {
  float largest = 0;
  for (const float weight : importance)
    largest = isWeight(weight) ? std::max(largest, weight) : largest;
  if (largest == 0) {
    values.resize(importance.size());
    return;
  }
  const int shift = 62 - std::ilogb(largest);
  unit = std::ldexp(1.0, -shift);
  const double scale = std::ldexp(1.0, shift);
  values.reserve(importance.size());
  for (const float weight : importance)
    values.push_back(
        isWeight(weight) ? static_cast<uint64_t>(std::nearbyint(double(weight) * scale)) : 0);
}

} // namespace optrun::palettize

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Batch sizes and lengths that differ from run to run.

#include "ChosenExtents.h"

using namespace llvm;

namespace optrun::verify {

std::vector<InputExtents> chooseExtents(ArrayRef<InputDescription> inputs,
                                        std::optional<int64_t> ownPositions, size_t count) {
  // The first few by hand: a prompt, a padded batch on a cache, one token on a cache, a long batch.
  static constexpr InputExtents Chosen[] = {
      {1, 8, 0}, {2, 5, 3}, {1, 1, 7}, {3, 17, 0}, {4, 2, 11}};
  std::vector<InputExtents> sets;
  for (size_t i = 0; i != count; ++i) {
    InputExtents extents;
    if (i < std::size(Chosen)) {
      extents = Chosen[i];
    } else {
      // Periods without a common divisor, so that the combinations differ for long.
      auto step = static_cast<int64_t>(i);
      extents = {1 + step % 3, 1 + step * 5 % 23, step * 3 % 13};
    }
    sets.push_back(fitExtents(inputs, extents, ownPositions));
  }
  return sets;
}

} // namespace optrun::verify

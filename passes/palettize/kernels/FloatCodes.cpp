// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A table over the first 16 bits of floats.

#include "FloatCodes.h"

#include "Lut.h"
#include "OrderedBits.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace optrun::palettize {
namespace {

constexpr size_t Prefixes = 0x10000;

/// The largest float that is not above \p limit: floats above the one are above the other.
float floatUpTo(double limit) {
  const auto nearest = static_cast<float>(limit);
  return nearest > limit ? std::nextafter(nearest, -std::numeric_limits<float>::infinity())
                         : nearest;
}

} // namespace

FloatCodes::FloatCodes(llvm::ArrayRef<float> entries) : firsts(Prefixes) {
  assert(!entries.empty() && entries.size() <= 256);
  for (size_t i = 0; i != entries.size(); ++i) {
    if (i != 0 && entries[i] == entries[i - 1])
      continue;
    if (i != 0)
      limits.push_back(floatUpTo(middleOf(entries[i - 1], entries[i])));
    codes.push_back(static_cast<uint8_t>(i));
  }
  limits.push_back(std::numeric_limits<float>::infinity());
  size_t first = 0;
  for (size_t prefix = 0; prefix != Prefixes; ++prefix) {
    const auto least = std::bit_cast<float>(fromOrdered(static_cast<uint32_t>(prefix << 16)));
    while (std::isfinite(least) && least > limits[first])
      ++first;
    firsts[prefix] = static_cast<uint8_t>(first);
  }
}

void FloatCodes::encode(llvm::ArrayRef<float> values, llvm::MutableArrayRef<uint8_t> out) const {
  assert(out.size() == values.size());
  for (size_t i = 0; i != values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      out[i] = 0;
      continue;
    }
    size_t place = firsts[toOrdered(std::bit_cast<uint32_t>(values[i])) >> 16];
    place += values[i] > limits[place] ? 1 : 0; // seldom more, and no guess of a branch
    while (values[i] > limits[place])
      ++place;
    out[i] = codes[place];
  }
}

} // namespace optrun::palettize

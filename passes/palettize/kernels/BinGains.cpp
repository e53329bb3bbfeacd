// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Parts of growing size around a point: its block and those beside it.

#include "BinGains.h"

#include <cmath>

namespace optrun::palettize {

BinGains::BinGains(const Points &points) {
  std::vector<Block> blocks(points.size());
  for (size_t i = 0; i != points.size(); ++i)
    blocks[i] = {points.weights[i], points.places[i]};
  while (blocks.size() > 1) {
    std::vector<Block> pairs(blocks.size() / 2 + blocks.size() % 2, blocks.back());
    for (size_t i = 0; i != blocks.size() / 2; ++i) {
      const Block &lower = blocks[2 * i], &upper = blocks[2 * i + 1];
      const double weight = lower.weight + upper.weight;
      pairs[i] = {weight, lower.mean + (upper.mean - lower.mean) * (upper.weight / weight)};
    }
    levels.push_back(std::move(blocks));
    blocks = std::move(pairs);
  }
  levels.push_back(std::move(blocks));
}

/// Of a point's block, and of larger ones around it, with those beside them: far blocks have the
/// distance of their mean. Larger parts have larger distances, so that there is an end.
double BinGains::gainOf(size_t point, double width, double share) const {
  const auto [ownWeight, place] = levels[0][point];
  const double product = width * ownWeight;
  double gain = product * width / (2 * share); // of the point alone
  double weight = ownWeight, moment = 0;
  const auto momentOf = [place = place](const Block &block) {
    return block.weight * std::abs(block.mean - place);
  };
  for (size_t level = 0, index = point; level != levels.size(); ++level, index /= 2) {
    const std::vector<Block> &blocks = levels[level];
    const Block none = {0, place};
    const Block &before = index != 0 ? blocks[index - 1] : none;
    const Block &after = index + 1 < blocks.size() ? blocks[index + 1] : none;
    const double parts = weight + before.weight + after.weight;
    const double moments = moment + momentOf(before) + momentOf(after);
    gain = std::min(gain, product * (moments + product / (2 * share)) / parts);
    if (product * moments >= gain * parts)
      break;
    const Block &pair = index % 2 == 0 ? after : before;
    weight += pair.weight;
    moment += momentOf(pair);
  }
  return gain + 2 * ownWeight * width * width;
}

std::vector<double> BinGains::of(llvm::ArrayRef<double> widths, double share) const {
  std::vector<double> gains(widths.size());
  for (size_t point = 0; point != widths.size(); ++point)
    if (widths[point] != 0)
      gains[point] = gainOf(point, widths[point], share);
  return gains;
}

} // namespace optrun::palettize

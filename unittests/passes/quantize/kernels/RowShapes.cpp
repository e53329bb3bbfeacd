// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows made from fixed seeds.

#include "RowShapes.h"

#include "llvm/ADT/Twine.h"

#include <cmath>
#include <random>

namespace optrun::quantize {

std::vector<float> normalValues(size_t count, float deviation, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(random);
  return values;
}

static std::vector<float> ties(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i != count; ++i)
    values[i] = static_cast<float>(static_cast<int>(i % 33) - 16) / 32;
  return values;
}

std::vector<Row> rows() {
  std::vector<Row> result;
  for (size_t count : {1, 2, 15, 16, 17, 63, 255, 2049})
    result.push_back({("normal, " + llvm::Twine(count)).str(), normalValues(count, 0.02F, count)});
  for (float deviation : {1e-42F, 1e-38F, 1e-30F, 1e-20F, 1e-6F, 1e4F, 1e20F, 1e30F, 6e37F})
    result.push_back({"normal, deviation " + std::to_string(std::log10(deviation)) + " decades",
                      normalValues(300, deviation)});
  result.push_back({"ties", ties(330)});
  result.push_back({"positive constant", std::vector<float>(75, 0.7F)});
  result.push_back({"negative constant", std::vector<float>(75, -3)});
  std::vector<float> mixed = normalValues(512, 1);
  for (size_t i = 0; i != mixed.size(); ++i)
    mixed[i] *= std::pow(10.F, static_cast<float>(static_cast<int>(i / 64) * 8 - 30));
  result.push_back({"from 1e-30 to 1e26", mixed});
  std::vector<float> sparse(200);
  sparse[70] = -5;
  sparse[150] = 1e-3F;
  result.push_back({"mostly zero", sparse});
  return result;
}

std::string describe(const Grid &grid) {
  return (llvm::Twine(grid.bits) + " bits, " + (grid.symmetric ? "symmetric, " : "asymmetric, ") +
          (grid.isSigned ? "signed, " : "unsigned, ") + ir::dataTypeName(grid.scaleType) +
          " scales" + (grid.convention == Convention::QuantizeLinear ? ", QuantizeLinear" : ""))
      .str();
}

} // namespace optrun::quantize

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Blocks that reach to the largest numbers of their type: whatever the method, no code decodes to
/// infinity.

#include "PlainQuantizer.h"
#include "RowShapes.h"

#include <gmock/gmock.h>
#include <random>

using namespace optrun;
using namespace optrun::quantize;
using testing::Each;
using testing::Le;

namespace {

class LargestValues : public OnEveryTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, LargestValues, everyTarget());

float largestOf(ir::DataType type) {
  return type == ir::DataType::Float16    ? 65504
         : type == ir::DataType::BFloat16 ? 0x1.fep127F
                                          : std::numeric_limits<float>::max();
}

std::vector<Grid> allGrids() {
  std::vector<Grid> grids;
  for (ir::DataType type : {ir::DataType::Float16, ir::DataType::BFloat16, ir::DataType::Float32})
    for (unsigned bits : {2U, 4U, 8U})
      for (bool symmetric : {true, false})
        for (Method method : {Method::Rtn, Method::Search, Method::Hqq})
          for (Convention convention : {Convention::MatMulNBits, Convention::QuantizeLinear})
            grids.push_back({.bits = bits,
                             .symmetric = symmetric,
                             .scaleType = type,
                             .method = method,
                             .convention = convention});
  return grids;
}

/// A block of which one end is the largest number, and the other one anywhere.
std::vector<float> blockUpTo(float largest, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> share(0, 1);
  const float low = seed % 2 == 0 ? 1 : share(random), high = seed % 2 == 0 ? share(random) : 1;
  std::vector<float> block = {-low * largest, high * largest};
  while (block.size() != 32)
    block.push_back(share(random) < low / (low + high) ? -low * largest * share(random)
                                                       : high * largest * share(random));
  return block;
}

std::vector<double> magnitudes(const QuantizedRow &row) {
  std::vector<double> values = decoded(row, 32);
  for (double &value : values)
    value = std::fabs(value);
  return values;
}

TEST_P(LargestValues, DecodeToFiniteNumbers) {
  for (const Grid &grid : allGrids()) {
    const float largest = largestOf(grid.scaleType);
    for (uint64_t seed = 0; seed != 60; ++seed)
      ASSERT_THAT(magnitudes(quantizedRow(grid, blockUpTo(largest, seed), 32)), Each(Le(largest)))
          << describe(grid) << ", seed " << seed;
  }
}

TEST_P(LargestValues, DecodeToFiniteNumbersByOneScaleForMoreThanARow) {
  for (const Grid &grid : allGrids()) {
    const float largest = largestOf(grid.scaleType);
    for (uint64_t seed = 0; seed != 50; ++seed) {
      const std::vector<float> values = blockUpTo(largest, seed);
      const Scale scale = chooseScale(grid, rangeOf(llvm::ArrayRef<float>(values)));
      QuantizedRow row;
      row.codes.resize(values.size());
      row.scales = {scale.scale};
      row.zeroCodes = {scale.zeroCode};
      applyScale(grid, scale, llvm::ArrayRef<float>(values), row.codes);
      ASSERT_THAT(magnitudes(row), Each(Le(largest))) << describe(grid) << ", seed " << seed;
    }
  }
}

TEST_P(LargestValues, AreRoundedAsThePlainFormulasSay) {
  for (Grid grid : allGrids()) {
    grid.method = Method::Rtn;
    for (uint64_t seed = 0; seed != 50; ++seed) {
      const std::vector<float> values = blockUpTo(largestOf(grid.scaleType), seed);
      const QuantizedRow row = quantizedRow(grid, values, 32),
                         plain = plainlyQuantizedRow(grid, values, 32);
      ASSERT_EQ(row.scales, plain.scales) << describe(grid) << ", seed " << seed;
      ASSERT_EQ(row.codes, plain.codes) << describe(grid) << ", seed " << seed;
    }
  }
}

} // namespace

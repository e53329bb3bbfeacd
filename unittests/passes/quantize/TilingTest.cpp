// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// How weights are cut where rows become columns.

#include "Tiling.h"

#include <gtest/gtest.h>

using namespace optrun;
using namespace optrun::quantize;

namespace {

constexpr uint64_t MiB = 1 << 20;

uint64_t elementsOf(const Tiling &tiling) {
  uint64_t elements = 0;
  for (const WeightTile &tile : tiling.tiles)
    elements += tile.elements();
  return elements;
}

TEST(Tiling, TakesTurnedWeightsAsAWhole) {
  const MatrixLayout layout{1, 8192, 2048, /*rowsContiguous=*/true};
  EXPECT_EQ(tile(layout, Order::Columns, 32, 2, 1024 * MiB).tiles.size(), 1U);
}

/// Not below four million elements: lines would be too short to read.
TEST(Tiling, TurnsLessAtATimeWithLessMemory) {
  const MatrixLayout layout{1, 32000, 4096, /*rowsContiguous=*/true};
  for (uint64_t blockSize : {uint64_t(32), layout.columns})
    for (uint64_t budget : {1024 * MiB, 256 * MiB, 64 * MiB, MiB}) {
      const Tiling tiling = tile(layout, Order::Columns, blockSize, 2, budget);
      EXPECT_EQ(elementsOf(tiling), layout.elements());
      const uint64_t most = std::max(budget / 16, 4 * MiB);
      for (const WeightTile &tile : tiling.tiles) {
        // Columns are rounded up to whole blocks that begin with a byte, rows to whole bytes.
        EXPECT_LE(tile.elements(), most + 64 * layout.rows);
      }
      EXPECT_GE(tiling.tiles.front().columns, 256U);
    }
}

} // namespace

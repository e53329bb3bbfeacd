// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Fits the recurrence of sines to the columns of a table.

#include "optrun/Compression/PositionTable.h"

#include "optrun/Compression/WeightReader.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

namespace optrun {
namespace {

/// Rows that are looked at, and the least that there have to be.
constexpr uint64_t MostRows = 64, LeastRows = 8;
/// Of what a column may differ from the recurrence: bfloat16 rounds by 2^-9.
constexpr double Tolerance = 0x1p-6;
/// Of 2 cos(θ) where a column turns around: the fastest column of a table has θ = 1, or less where
/// a model was made for longer texts. Constants and ramps have 2.
constexpr double Turning = 1.99;

/// The factor by which a column follows the recurrence best; NaN when it does not follow it. 2 for
/// zeros.
double factorOf(llvm::ArrayRef<float> rows, uint64_t columns, uint64_t column) {
  const auto value = [&](uint64_t row) -> double { return rows[row * columns + column]; };
  const uint64_t count = rows.size() / columns;
  double products = 0, squares = 0, largest = 0;
  for (uint64_t row = 1; row + 1 < count; ++row) {
    products += value(row) * (value(row - 1) + value(row + 1));
    squares += value(row) * value(row);
  }
  for (uint64_t row = 0; row != count; ++row)
    largest = std::max(largest, std::fabs(value(row)));
  if (squares == 0)
    return largest == 0 ? 2 : std::nan("");
  const double factor = products / squares;
  for (uint64_t row = 1; row + 1 < count; ++row)
    if (!(std::fabs(value(row - 1) + value(row + 1) - factor * value(row)) <= Tolerance * largest))
      return std::nan("");
  return factor;
}

} // namespace

bool isSinusoidal(llvm::ArrayRef<float> rows, uint64_t columns) {
  if (rows.size() / columns < LeastRows)
    return false;
  bool turns = false;
  for (uint64_t column = 0; column != columns; ++column) {
    const double factor = factorOf(rows, columns, column);
    if (!(std::fabs(factor) <= 2 + Tolerance))
      return false;
    turns |= factor < Turning;
  }
  return turns;
}

llvm::Expected<bool> isPositionTable(const Weight &weight) {
  const bool isLookedUp = llvm::all_of(
      weight.uses, [](const WeightUse &use) { return use.kind == WeightUse::Kind::Gather; });
  if (!isLookedUp || weight.layout.rows < LeastRows)
    return false;
  const WeightTile tile = {0, std::min(weight.layout.rows, MostRows), 0, weight.layout.columns};
  std::vector<float> rows(tile.elements());
  WeightReader::Buffer buffer;
  if (llvm::Error error = WeightReader(weight.tensor, weight.layout).read(tile, rows, buffer))
    return error;
  return isSinusoidal(rows, weight.layout.columns);
}

} // namespace optrun

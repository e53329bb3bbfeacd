// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Prints quantities with three digits.

#include "optrun/Support/Quantity.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

namespace optrun {
namespace {

/// Whole numbers below 1000 have no decimals, as there are no smaller units.
std::string formatWithUnit(uint64_t count, llvm::ArrayRef<llvm::StringLiteral> units) {
  auto value = static_cast<double>(count);
  size_t unit = 0;
  // What would be printed with four digits is a unit more.
  for (; unit + 1 < units.size() && value >= (unit == 0 ? 1000 : 999.5); ++unit)
    value /= 1000;
  const int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.*f", decimals, value) << units[unit];
  return text;
}

} // namespace

std::string formatCount(uint64_t count) {
  static constexpr llvm::StringLiteral Units[] = {"", " K", " M", " G", " T", " P", " E"};
  return formatWithUnit(count, Units);
}

std::string formatRatio(double ratio) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(ratio < 9.995 ? "%.2f" : "%.0f", ratio);
  return text;
}

std::string formatPicoseconds(uint64_t picoseconds) {
  static constexpr llvm::StringLiteral Units[] = {" ps", " ns", " us", " ms", " s"};
  return formatWithUnit(picoseconds, Units);
}

std::string formatPercent(uint64_t part, uint64_t whole) {
  if (whole == 0)
    return "-";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  const bool looksFull = percent >= 99.5 && part < whole;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(looksFull ? "%.1f%%" : "%.0f%%",
                                                 looksFull ? std::min(percent, 99.9) : percent);
  return text;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads rates.

#include "Rate.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <charconv>
#include <cmath>

namespace optrun {
namespace {

double takePrefix(llvm::StringRef &rest) {
  constexpr llvm::StringLiteral Prefixes = "KMGTP";
  if (rest.empty())
    return 1;
  const size_t power = Prefixes.find(llvm::toUpper(rest.front()));
  if (power == llvm::StringRef::npos)
    return 1;
  rest = rest.drop_front();
  return std::pow(1000.0, static_cast<double>(power + 1));
}

std::optional<double> parseRate(llvm::StringRef text, llvm::ArrayRef<llvm::StringLiteral> units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc())
    return std::nullopt;
  llvm::StringRef rest(end, static_cast<size_t>(text.end() - end));
  rest = rest.ltrim(' ');
  const double rate = number * takePrefix(rest);
  if (!std::isfinite(rate) || rate <= 0)
    return std::nullopt;
  if (!rest.empty() &&
      llvm::none_of(units, [&](llvm::StringRef unit) { return rest.equals_insensitive(unit); }))
    return std::nullopt;
  return rate;
}

} // namespace

std::optional<double> parseFlopRate(llvm::StringRef text) {
  static constexpr llvm::StringLiteral Units[] = {"FLOPS", "FLOP/s"};
  return parseRate(text, Units);
}

std::optional<double> parseBandwidth(llvm::StringRef text) {
  static constexpr llvm::StringLiteral Units[] = {"B", "B/s"};
  return parseRate(text, Units);
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The exponential function without branches or calls, so that loops over it become vector code.

#ifndef OPTRUN_PASSES_EVALUATE_EXPONENTIAL_H
#define OPTRUN_PASSES_EVALUATE_EXPONENTIAL_H

#include <bit>
#include <cstdint>

namespace optrun::evaluate {

/// e^x for x <= 0, within two units in the last place; 0 below -708, where results leave the
/// normal numbers; NaN for NaN.
///
/// x = k ln 2 + r with |r| <= ln 2 / 2, k ln 2 in two parts so that r is exact to the last bit
/// (Cody and Waite, "Software Manual for the Elementary Functions", 1980); e^r by its Taylor
/// polynomial, whose remainder r^14 / 14! is below 2^-57; times 2^k by way of the exponent bits.
[[gnu::always_inline]] inline double exponentialOf(double x) {
  constexpr double Least = -708, Log2E = 0x1.71547652b82fep+0;
  constexpr double Ln2High = 0x1.62e42fee00000p-1, Ln2Low = 0x1.a39ef35793c76p-33;
  // Added to a small number, leaves the nearest whole number in the low bits of the sum.
  constexpr double Shift = 0x1.8p+52;

  const double bounded = x < Least ? Least : x; // in this order, NaN stays
  const double shifted = bounded * Log2E + Shift;
  const double k = shifted - Shift;
  const double r = (bounded - k * Ln2High) - k * Ln2Low;

  double sum = 1.0 / 6227020800;
  sum = sum * r + 1.0 / 479001600;
  sum = sum * r + 1.0 / 39916800;
  sum = sum * r + 1.0 / 3628800;
  sum = sum * r + 1.0 / 362880;
  sum = sum * r + 1.0 / 40320;
  sum = sum * r + 1.0 / 5040;
  sum = sum * r + 1.0 / 720;
  sum = sum * r + 1.0 / 120;
  sum = sum * r + 1.0 / 24;
  sum = sum * r + 1.0 / 6;
  sum = sum * r + 1.0 / 2;
  sum = sum * r + 1;
  sum = sum * r + 1;

  constexpr unsigned ExponentPlace = 52;
  constexpr uint64_t ExponentOfOne = uint64_t(1023) << ExponentPlace;
  const uint64_t power = (std::bit_cast<uint64_t>(shifted) << ExponentPlace) + ExponentOfOne;
  const double result = sum * std::bit_cast<double>(power);
  return x < Least ? 0 : result;
}

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_EXPONENTIAL_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Counts, ratios and times as tables show them: three digits and a unit.

#ifndef OPTRUN_SUPPORT_QUANTITY_H
#define OPTRUN_SUPPORT_QUANTITY_H

#include <cstdint>
#include <string>

namespace optrun {

/// "3.82 G": powers of 1000.
std::string formatCount(uint64_t count);

/// "0.67", "341".
std::string formatRatio(double ratio);

/// "12.4 ms", from picoseconds to seconds.
std::string formatPicoseconds(uint64_t picoseconds);

/// "87%", "99.9%"; 100% and above only when that is reached.
std::string formatPercent(uint64_t part, uint64_t whole);

} // namespace optrun

#endif // OPTRUN_SUPPORT_QUANTITY_H

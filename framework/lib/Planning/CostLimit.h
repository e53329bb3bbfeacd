// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How much may cross cuts or take time, so that sums cannot overflow.

#ifndef OPTRUN_LIB_PLANNING_COSTLIMIT_H
#define OPTRUN_LIB_PLANNING_COSTLIMIT_H

#include <cstdint>

namespace optrun::planning {

/// 2.3 EB that cross cuts, or 26 days in picoseconds.
inline constexpr uint64_t CostLimit = uint64_t(1) << 61;

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_COSTLIMIT_H

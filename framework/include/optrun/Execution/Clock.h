// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Time and memory as the run reports them.

#ifndef OPTRUN_EXECUTION_CLOCK_H
#define OPTRUN_EXECUTION_CLOCK_H

#include <cstdint>

namespace optrun {

/// Monotonic, from an arbitrary start.
double wallSeconds();

struct ProcessUsage {
  double cpuSeconds = 0;     // user and system, all threads
  uint64_t rssBytes = 0;     // now
  uint64_t peakRssBytes = 0; // since the process started
};
ProcessUsage processUsage();

} // namespace optrun

#endif // OPTRUN_EXECUTION_CLOCK_H

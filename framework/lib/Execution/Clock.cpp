// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Time and memory as the run reports them.

#include "Execution/Clock.h"

#include <chrono>
#include <cstdio>
#include <sys/resource.h>
#include <unistd.h>

using namespace optrun;

double optrun::wallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static double toSeconds(const timeval &time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

static uint64_t residentBytes() {
  // getrusage knows the peak only.
  uint64_t pages = 0;
  if (std::FILE *file = std::fopen("/proc/self/statm", "re")) {
    unsigned long total = 0, resident = 0;
    if (std::fscanf(file, "%lu %lu", &total, &resident) == 2)
      pages = resident;
    std::fclose(file);
  }
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

ProcessUsage optrun::processUsage() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return {.cpuSeconds = toSeconds(usage.ru_utime) + toSeconds(usage.ru_stime),
          .rssBytes = residentBytes(),
          .peakRssBytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024};
}

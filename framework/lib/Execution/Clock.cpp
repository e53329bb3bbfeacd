// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Time and memory as the run reports them.

#include "optrun/Execution/Clock.h"

#include <chrono>
#include <cstdio>
#include <sys/resource.h>

using namespace optrun;

double optrun::wallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static double toSeconds(const timeval &time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// getrusage knows the peak only, and that is at first the peak of the process that started this
// one.
static void readMemory(ProcessUsage &usage) {
  std::FILE *file = std::fopen("/proc/self/status", "re");
  if (!file)
    return;
  char line[256];
  unsigned long long kibibytes = 0;
  while (std::fgets(line, sizeof(line), file)) {
    if (std::sscanf(line, "VmHWM: %llu kB", &kibibytes) == 1)
      usage.peakRssBytes = uint64_t{kibibytes} * 1024;
    else if (std::sscanf(line, "VmRSS: %llu kB", &kibibytes) == 1)
      usage.rssBytes = uint64_t{kibibytes} * 1024;
  }
  std::fclose(file);
}

ProcessUsage optrun::processUsage() {
  rusage times = {};
  getrusage(RUSAGE_SELF, &times);
  ProcessUsage usage;
  usage.cpuSeconds = toSeconds(times.ru_utime) + toSeconds(times.ru_stime);
  readMemory(usage);
  return usage;
}

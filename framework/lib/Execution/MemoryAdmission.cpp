// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Lets work in only while the bytes that it needs fit the budget.

#include "Execution/MemoryAdmission.h"

#include <algorithm>

using namespace optrun;

void MemoryAdmission::acquire(uint64_t bytes) {
  std::unique_lock lock(mutex);
  released.wait(lock,
                [&] { return items == 0 || (bytes <= budget && inFlight <= budget - bytes); });
  inFlight += bytes;
  ++items;
  most = std::max(most, inFlight);
}

void MemoryAdmission::release(uint64_t bytes) {
  {
    std::lock_guard lock(mutex);
    inFlight -= bytes;
    --items;
  }
  released.notify_all();
}

uint64_t MemoryAdmission::highWater() const {
  std::lock_guard lock(mutex);
  return most;
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Lets work in only while the bytes that it needs fit the budget.

#ifndef OPTRUN_LIB_EXECUTION_MEMORYADMISSION_H
#define OPTRUN_LIB_EXECUTION_MEMORYADMISSION_H

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace optrun {

class MemoryAdmission {
public:
  explicit MemoryAdmission(uint64_t budget) : budget(budget) {}

  /// Waits until \p bytes fit beside what is in flight, or nothing is: one oversize item runs
  /// alone.
  void acquire(uint64_t bytes);
  void release(uint64_t bytes);

  /// The most that was in flight at a time.
  uint64_t highWater() const;

private:
  const uint64_t budget;
  mutable std::mutex mutex;
  std::condition_variable released;
  uint64_t inFlight = 0; // bytes
  uint64_t items = 0;
  uint64_t most = 0;
};

} // namespace optrun

#endif // OPTRUN_LIB_EXECUTION_MEMORYADMISSION_H

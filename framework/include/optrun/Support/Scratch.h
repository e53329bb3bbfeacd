// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Memory that is written before it is read.

#ifndef OPTRUN_SUPPORT_SCRATCH_H
#define OPTRUN_SUPPORT_SCRATCH_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <memory>

namespace optrun {

template <typename T> class Scratch {
public:
  explicit Scratch(uint64_t count)
      : count(count), elements(std::make_unique_for_overwrite<T[]>(count)) {}
  llvm::MutableArrayRef<T> all() { return {elements.get(), count}; }

private:
  uint64_t count;
  std::unique_ptr<T[]> elements;
};

} // namespace optrun

#endif // OPTRUN_SUPPORT_SCRATCH_H

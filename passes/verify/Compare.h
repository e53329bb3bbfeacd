// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Comparison of two tensors.

#ifndef OPTRUN_PASSES_VERIFY_COMPARE_H
#define OPTRUN_PASSES_VERIFY_COMPARE_H

#include "optrun/IR/DataType.h"

#include "llvm/ADT/ArrayRef.h"

namespace optrun::verify {

struct TensorView {
  ir::DataType type = ir::DataType::Undefined;
  llvm::ArrayRef<int64_t> dims;
  llvm::ArrayRef<uint8_t> bytes;
};

struct Difference {
  bool comparable = true; // same type and shape
  bool bitEqual = false;
  double maxAbsolute = 0; // largest |a - b|; infinite where only one is NaN
  double maxRelative =
      0; // maxAbsolute / largest finite |a|; infinite when that is 0 and they differ
};

/// How \p actual differs from \p expected. NaN equals NaN and an infinity the same infinity.
Difference compareTensors(const TensorView &expected, const TensorView &actual);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_COMPARE_H

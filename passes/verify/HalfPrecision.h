// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Why models in half precision need care when they are compared, and what is done about it.
///
/// On the CPU ONNX Runtime computes most operators on half-precision values in single precision. It
/// rounds a value to half precision only where somebody sees it, and even without graph
/// optimizations hands the unrounded value from one operator to the next. A value that goes from
/// one component to another is seen, and so rounded, which inside the original it was not. The
/// original that is compared with is therefore made to show the same values.

#ifndef OPTRUN_PASSES_VERIFY_HALFPRECISION_H
#define OPTRUN_PASSES_VERIFY_HALFPRECISION_H

#include "optrun/IR/Package.h"

namespace optrun::verify {

/// A half-precision value that crosses from one component to later ones.
struct HalfPrecisionCut {
  std::string value;
  size_t producer = 0; // index of the component
  ir::DataType type = ir::DataType::Float16;
};

using Chain = llvm::ArrayRef<std::unique_ptr<ir::Component>>;

/// In order of the components that take them, each once.
std::vector<HalfPrecisionCut> findHalfPrecisionCuts(Chain chain);

/// Puts an Identity between each cut value of \p original and its users in other components than
/// its producer's, so that the value is rounded there as it is in the chain.
llvm::Error roundAtCuts(ir::Component &original, Chain chain,
                        llvm::ArrayRef<HalfPrecisionCut> cuts);

/// What rounding at \p cuts may change, relative to the largest magnitude of an output; 0 without
/// cuts. Eight units in the last place: an experience value for transformer layers.
double roundingTolerance(llvm::ArrayRef<HalfPrecisionCut> cuts);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_HALFPRECISION_H

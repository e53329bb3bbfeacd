// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the vector kernels must compute, written one value at a time.

#ifndef OPTRUN_UNITTESTS_PASSES_QUANTIZE_KERNELS_PLAINQUANTIZER_H
#define OPTRUN_UNITTESTS_PASSES_QUANTIZE_KERNELS_PLAINQUANTIZER_H

#include "kernels/BlockQuantizer.h"

#include <vector>

namespace optrun::quantize {

/// What quantizeRows() gives for one.
struct QuantizedRow {
  std::vector<uint8_t> codes;
  std::vector<float> scales;
  std::vector<uint8_t> zeroCodes;
  BlockErrors errors;
};

QuantizedRow quantizedRow(const Grid &grid, llvm::ArrayRef<float> values, uint64_t blockSize,
                          llvm::ArrayRef<float> importance = {});

/// By Method::Rtn.
QuantizedRow plainlyQuantizedRow(const Grid &grid, llvm::ArrayRef<float> values,
                                 uint64_t blockSize);

/// What codes decode to, in float64.
std::vector<double> decoded(const QuantizedRow &row, uint64_t blockSize);

/// Sum of weight * (value - decoded)^2, all weights 1 where \p importance is empty.
double squaredError(llvm::ArrayRef<float> values, const QuantizedRow &row, uint64_t blockSize,
                    llvm::ArrayRef<float> importance = {});

/// The number of \p type nearest to \p value, among those that are finite and, unless it is 0, have
/// a finite reciprocal in float32.
float storedAs(ir::DataType type, float value);

} // namespace optrun::quantize

#endif // OPTRUN_UNITTESTS_PASSES_QUANTIZE_KERNELS_PLAINQUANTIZER_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Codes of floats by a table of entries.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_FLOATCODES_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_FLOATCODES_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace optrun::palettize {

/// Finds the entry nearest to a value, as findNearest() does, for values in any order.
class FloatCodes {
public:
  /// \p entries: ascending, at most 256.
  explicit FloatCodes(llvm::ArrayRef<float> entries);

  /// What is infinite or NaN gets code 0.
  void encode(llvm::ArrayRef<float> values, llvm::MutableArrayRef<uint8_t> out) const;

private:
  uint8_t codeOf(float value) const;

  std::vector<uint8_t> codes;  ///< of distinct entries
  std::vector<float> limits;   ///< up to where each is nearest
  std::vector<uint8_t> firsts; ///< for each 16 bits, where to begin
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_FLOATCODES_H

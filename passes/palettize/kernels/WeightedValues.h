// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The elements of tensors as values to cluster: each distinct one once.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_WEIGHTEDVALUES_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_WEIGHTEDVALUES_H

#include "WholeWeights.h"

#include "optrun/IR/DataType.h"

#include "llvm/ADT/ArrayRef.h"

#include <vector>

namespace optrun::palettize {

/// Distinct finite values, ascending, -0 as 0.
struct WeightedValues {
  std::vector<float> values;
  std::vector<double> weights; ///< what a value's squared error counts: finite and >= 0
  std::vector<double> counts;  ///< how many elements have the value

  size_t size() const { return values.size(); }
};

/// Whether an importance is a number to sum; others (negative, infinite, NaN) count nothing.
constexpr bool isWeight(float importance) {
  return importance >= 0 && importance <= 0x1.fffffep127F;
}

/// The elements of a group of rows, in the order of their values.
struct SortedElements {
  WeightedValues distinct;
  std::vector<uint32_t> order; ///< indices of all finite elements, by value, then by index
  std::vector<uint32_t> ends;  ///< of each distinct value's run in `order`
  uint64_t nonFinite = 0;      ///< elements that are infinite or NaN: they are in no list

  /// Gives each element the code of its value, and 0 to what is not finite.
  void spread(llvm::ArrayRef<uint8_t> codesOfDistinct, llvm::MutableArrayRef<uint8_t> codes) const;
};

/// Sorts elements, keeping memory from call to call.
class ElementSorter {
public:
  /// \p bits: elements of Float16 or BFloat16, at most 65,536.
  /// \p importance: empty, or one number >= 0 for each.
  const SortedElements &sort(llvm::ArrayRef<uint16_t> bits, ir::DataType type,
                             llvm::ArrayRef<float> importance);

  /// At most 2^32 - 1 elements; takes 16 bytes for each beside the result.
  const SortedElements &sort(llvm::ArrayRef<float> values, llvm::ArrayRef<float> importance);

private:
  template <unsigned IndexBits, typename Record, typename ValueOf>
  void collect(const std::vector<Record> &records, llvm::ArrayRef<float> importance,
               ValueOf valueOf);

  SortedElements sorted;
  std::vector<uint32_t> narrow, narrowBuffer;
  std::vector<uint64_t> wide, wideBuffer;
};

/// A bin for each pattern of 16 bits: large tensors in one sweep, part by part, in any order.
class BitHistogram {
public:
  /// \p type is Float16 or BFloat16.
  explicit BitHistogram(ir::DataType type);

  /// \p weights: empty in all calls, or one for each element, in the same unit in all calls.
  void add(llvm::ArrayRef<uint16_t> bits, llvm::ArrayRef<uint64_t> weights);

  void merge(const BitHistogram &other);

  /// Sets \p out to the values found; returns how many elements were infinite or NaN.
  /// \p unit: of weights.
  uint64_t collect(double unit, WeightedValues &out) const;

  /// Bytes of a histogram.
  static uint64_t memory(bool isWeighted);

private:
  ir::DataType type;
  std::vector<uint64_t> counts;
  std::vector<WholeSum> sums; ///< of weights; empty while there are none
};

/// The code of each pattern of 16 bits.
class CodeTable {
public:
  /// \p entries: ascending, at most 256. What is not finite gets code 0.
  CodeTable(ir::DataType type, llvm::ArrayRef<float> entries);

  void encode(llvm::ArrayRef<uint16_t> bits, llvm::MutableArrayRef<uint8_t> out) const;

private:
  std::vector<uint8_t> codes;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_WEIGHTEDVALUES_H

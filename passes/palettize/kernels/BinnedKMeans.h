// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Weighted k-means of more numbers than there is memory for: they are seen in sweeps, as sums over
/// bins, and a proven bound tells how good the result is.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_BINNEDKMEANS_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_BINNEDKMEANS_H

#include "Clusters.h"
#include "ValueBins.h"

namespace optrun::palettize {

struct BorderCosts;

/// Each sweep gives the sums over bins(). The first may be of some values, a sample: it tells only
/// where bins had better be narrow. After the others, take() clusters the means of the bins and
/// cuts those again in which the best border of two clusters may lie, until cutting could gain no
/// more than NegligibleExcess of the squared error, or most sweeps are done. By Method::Optimal the
/// result is then at most excess() above the least squared error, as a part of it: 1e-9 where the
/// sweeps sufficed.
///
/// Method::Lloyd clusters the means of fine bins. Method::Uniform takes the least and the largest
/// value exactly.
class BinnedKMeans {
public:
  BinnedKMeans(Method method, size_t count) : method(method), count(count) {}

  /// Of the squared error: what is worth no more sweeps.
  static constexpr double NegligibleExcess = 2e-10;
  /// Beside one or two of a section.
  static constexpr uint64_t mostBins(size_t count) { return uint64_t(1) << (count > 64 ? 18 : 17); }
  static constexpr unsigned mostSweeps(Method method) { return method == Method::Optimal ? 9 : 3; }

  /// About how many bytes are taken, at most, beside sums.
  static uint64_t memory(size_t count);

  const ValueBins &bins() const { return valueBins; }

  /// \p sums: of values over bins(), after the first sweep of all, without those in closed ones,
  /// which are known. Whether another sweep is needed, over the bins() of then.
  bool take(const BinSums &sums);

  llvm::ArrayRef<double> centers() const { return clusters->centers; }
  double excess() const { return bound; }
  unsigned sweeps() const { return sweepCount; }

private:
  /// Of values in a bin.
  struct Known {
    double weight = 0, mean = 0;
  };

  void collapse(const BinSums &sums);
  void takeSample();
  bool takeOptimal();
  bool takeUniform();
  void refine(llvm::ArrayRef<uint8_t> cuts);
  void chooseShare(double gainSum);
  double sumOfLargest(llvm::ArrayRef<double> gains) const;
  void closeBins(const BorderCosts &borders, double most);
  std::vector<uint8_t> cutsForGains() const;
  std::vector<uint8_t> chooseCuts(uint64_t most, int mostCuts, int mostLevel) const;

  Method method;
  size_t count;
  ValueBins valueBins;
  std::vector<Known> known;    // of closed bins
  Points points;               // means of the bins that hold values
  std::vector<uint32_t> binOf; // of each point
  std::vector<bool> isOpen;    // whether a border may lie in its bin
  std::vector<double> widths;  // of its bin; 0 if not
  KMeans kMeans;
  const Clusters *clusters = nullptr;
  double share = 0x1p-10;    // u of BinnedKMeans.cpp
  std::vector<double> gains; // of points, what is summed up in G
  double bound = 0;
  unsigned sweepCount = 0;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_BINNEDKMEANS_H

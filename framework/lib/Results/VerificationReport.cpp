// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The record of what verify has found.

#include "optrun/Results/VerificationReport.h"

#include "llvm/Support/Format.h"

#include <algorithm>
#include <set>

namespace optrun {

VerificationReport::VerificationReport() = default;
VerificationReport::~VerificationReport() = default;

size_t VerificationReport::inputSets() const {
  // Sets of one shape differ in their values, so labels do not count them: comparisons do.
  size_t perSet = 2 * outputs();
  return perSet ? comparisons.size() / perSet : 0;
}

size_t VerificationReport::outputs() const {
  std::set<llvm::StringRef> names;
  for (const Comparison &comparison : comparisons)
    names.insert(comparison.output);
  return names.size();
}

bool VerificationReport::allBitEqual() const {
  return std::all_of(comparisons.begin(), comparisons.end(), [](const Comparison &comparison) {
    return comparison.optimized || comparison.bitEqual;
  });
}

double VerificationReport::maxRelative() const {
  double largest = 0;
  for (const Comparison &comparison : comparisons)
    largest = std::max(largest, comparison.maxRelative);
  return largest;
}

std::string VerificationReport::summary() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (allBitEqual())
    os << "bit-equal";
  else
    os << "within " << llvm::format("%.1e", maxRelative());
  os << " on " << inputSets() << (inputSets() == 1 ? " input" : " inputs");
  return text;
}

void VerificationReport::print(llvm::raw_ostream &os) const {
  os << "reference: " << reference << '\n';
  for (const Comparison &comparison : comparisons) {
    os << comparison.inputs << ", " << (comparison.optimized ? "optimized" : "not optimized")
       << ", " << comparison.output << ": ";
    if (comparison.bitEqual)
      os << "bit-equal\n";
    else
      os << llvm::format("absolute %.3e, relative %.3e\n", comparison.maxAbsolute,
                         comparison.maxRelative);
  }
}

} // namespace optrun

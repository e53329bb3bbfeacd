// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Looking for what differs too much.

#include "Judgement.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace optrun::verify {

using Comparison = VerificationReport::Comparison;

static bool isAllowed(const VerificationReport &report, const Comparison &comparison) {
  if (comparison.bitEqual)
    return true;
  if (report.exact && !comparison.optimized)
    return false;
  return comparison.maxRelative <= comparison.allowed;
}

Error judge(const VerificationReport &report) {
  const Comparison *worst = nullptr;
  size_t failures = 0;
  for (const Comparison &comparison : report.comparisons) {
    if (isAllowed(report, comparison))
      continue;
    ++failures;
    if (!worst || comparison.maxRelative > worst->maxRelative)
      worst = &comparison;
  }
  if (!worst)
    return Error::success();
  std::string message;
  raw_string_ostream os(message);
  os << "the components do not compute what the model computes: output '" << worst->output
     << "' on " << worst->inputs << (worst->optimized ? ", with" : ", without")
     << " graph optimizations, differs by "
     << format("%.3g (relative %.2e)", worst->maxAbsolute, worst->maxRelative) << "; ";
  if (report.exact && !worst->optimized)
    os << "it must be bit-equal. If a pass before changes values on purpose, set exact: false and "
          "a tolerance";
  else
    os << "allowed is " << format("%.2e", worst->allowed);
  os << " (" << failures << " of " << report.comparisons.size() << " comparisons failed)";
  return createStringError(message);
}

} // namespace optrun::verify

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which differences fail a run, and what is said of them.

#include "Judgement.h"

#include "TestSupport/Errors.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using namespace optrun::verify;
using testing::AllOf;
using testing::HasSubstr;

namespace {

VerificationReport::Comparison equal(bool optimized) {
  return {"batch 1", "logits", optimized, /*bitEqual=*/true, 0, 0, 1e-5};
}
VerificationReport::Comparison differing(bool optimized, double relative) {
  return {"batch 2", "hidden", optimized, /*bitEqual=*/false, 2 * relative, relative, 1e-5};
}

std::string judged(std::vector<VerificationReport::Comparison> comparisons, bool exact = true) {
  VerificationReport report;
  report.comparisons = std::move(comparisons);
  report.exact = exact;
  return errorOf(judge(report));
}

TEST(Judgement, AllowsRoundingWhereOptimizationsRound) {
  EXPECT_EQ(judged({equal(false), equal(true), differing(true, 1e-5)}), "");
}

TEST(Judgement, DemandsTheSameBitsWithoutOptimizations) {
  EXPECT_THAT(judged({differing(false, 1e-9)}),
              AllOf(HasSubstr("output 'hidden' on batch 2, without graph optimizations"),
                    HasSubstr("must be bit-equal"), HasSubstr("set exact: false")));
  EXPECT_EQ(judged({differing(false, 1e-9)}, /*exact=*/false), "");
}

TEST(Judgement, NamesTheWorst) {
  EXPECT_THAT(judged({differing(true, 1e-4), differing(true, 0.5), equal(true)}),
              AllOf(HasSubstr("differs by 1 (relative 5.00e-01)"), HasSubstr("allowed is 1.00e-05"),
                    HasSubstr("2 of 3 comparisons failed")));
}

} // namespace

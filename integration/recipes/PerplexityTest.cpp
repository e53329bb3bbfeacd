// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// SmolLM2-135M on real text, whole and in three components, against what the reference
/// implementation measures.

#include "PerplexityRun.h"

#include "llvm/Support/JSON.h"

using namespace optrun;
using namespace optrun::test;

namespace {

constexpr double Tolerance = 0.02;

using PerplexityTest = PerplexityRun;

TEST_F(PerplexityTest, isThatOfTheReference) {
  const double whole = perplexityAfter({});
  EXPECT_NEAR(whole, PerplexityOfEightRows, Tolerance);
  const double chain = perplexityAfter({"split-by-memory: {memory: 60MB}"});
  EXPECT_EQ(manifestOf(folder.path("out")).components.size(), 3u);
  EXPECT_NEAR(chain, whole, 1e-4);
}

/// The reference computes in single precision with weights in half precision.
TEST_F(PerplexityTest, ofSixteenRowsIsThatOfTheReference) {
  const llvm::json::Value reference =
      valueOf(llvm::json::parse(contentOf(fixture("smollm2/smollm2_ppl.json"))));
  EXPECT_NEAR(perplexityAfter({}, 16, "fp16"),
              reference.getAsObject()->getNumber("perplexity_first16").value(), Tolerance);
}

} // namespace

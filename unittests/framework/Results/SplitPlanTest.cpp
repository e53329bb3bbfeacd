// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The textual form of a split's plan.

#include "optrun/Results/SplitPlan.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

namespace {

TEST(SplitPlan, WritesWhatItReads) {
  SplitPlan plan;
  plan.parts = {{"split_0", 10, {"model.embed_tokens", "model.layers.0"}, {}},
                {"split_1", 20, {"model.layers.1", "lm_head"}, {}}};
  const std::string text = plan.splitAssignments();
  EXPECT_EQ(text, "model.embed_tokens=0;model.layers.0=0;model.layers.1=1;lm_head=1");
  EXPECT_THAT(valueOf(parseSplitAssignments(text)),
              ElementsAre(Pair("model.embed_tokens", 0), Pair("model.layers.0", 0),
                          Pair("model.layers.1", 1), Pair("lm_head", 1)));
}

TEST(SplitPlan, LeavesOutNamesThatTheFormatCannotHold) {
  SplitPlan plan;
  plan.parts = {{"model", 0, {"a=b", "c;d", "e"}, {}}};
  EXPECT_EQ(plan.splitAssignments(), "e=0");
}

TEST(SplitPlan, ReadsGapsSpacesAndATrailingSemicolon) {
  EXPECT_THAT(valueOf(parseSplitAssignments(" a.0 = 0 ; a.2=2;a.5=5;")),
              ElementsAre(Pair("a.0", 0), Pair("a.2", 2), Pair("a.5", 5)));
  EXPECT_THAT(valueOf(parseSplitAssignments("")), IsEmpty());
}

TEST(SplitPlan, RefusesOtherText) {
  for (const char *text : {"a", "a=", "=1", "a=-1", "a=1.5", "a=b=1", "a=99999999999", "a=1,b=2"})
    EXPECT_THAT(errorOf(parseSplitAssignments(text)), HasSubstr("is no assignment of a module"))
        << text;
}

TEST(SplitPlan, PrintsAPartALine) {
  SplitPlan plan;
  plan.parts = {{"split_0", 2'000'000, {"a", "b"}, 3'000'000}, {"split_1", 7, {}, {}}};
  std::string text;
  llvm::raw_string_ostream os(text);
  plan.print(os);
  EXPECT_EQ(text, "split_0: 2.00 MB of 3.00 MB in a, b\nsplit_1: 7 B\n");
}

} // namespace

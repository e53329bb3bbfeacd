// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of what is checked before the first pass runs.

#include "Pass/OptionPath.h"
#include "TestPasses.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

class PipelineTest : public PassTest {
protected:
  PipelineTest() {
    add(sourcePass());
    add(packagePass({.id = "plan", .writes = {"test.Plan/1"}}));
    add(packagePass({.id = "apply", .reads = {"test.Plan/1"}}));
    add(packagePass({.id = "report", .readsIfPresent = {"test.Plan/1"}}));
  }
};

TEST_F(PipelineTest, acceptsAChainInWhichEachPassFindsWhatItReads) {
  auto pipeline = plan({"source", "plan", "apply", "report"});
  ASSERT_TRUE(pipeline) << errors();
  EXPECT_EQ(pipeline->passes.size(), 4u);
}

TEST_F(PipelineTest, suggestsThePassThatWasMeant) {
  EXPECT_FALSE(plan({"source", "pln"}));
  EXPECT_EQ(errors(), "unknown pass 'pln'; did you mean 'plan'?");
}

TEST_F(PipelineTest, saysWhichPassWouldWriteAMissingAttachment) {
  EXPECT_FALSE(plan({"source", "apply"}));
  EXPECT_EQ(errors(), "pass 'apply' needs test.Plan/1, which no pass before it writes; put 'plan' "
                      "before it");
}

TEST_F(PipelineTest, saysWhenTheWriterComesTooLate) {
  EXPECT_FALSE(plan({"source", "apply", "plan"}));
  EXPECT_THAT(errors(), HasSubstr("'plan' does, and must come before it"));
}

TEST_F(PipelineTest, doesNotBlameAPassForAnUnknownOneBeforeIt) {
  EXPECT_FALSE(plan({"source", "no-such-pass-at-all", "apply"}));
  EXPECT_THAT(errors(), testing::StartsWith("unknown pass 'no-such-pass-at-all'"));
  EXPECT_EQ(diagnostics.errorCount(), 1u);
}

TEST_F(PipelineTest, wantsASourceFirstAndNowhereElse) {
  EXPECT_FALSE(plan({"plan", "source"}));
  EXPECT_THAT(errors(), AllOf(HasSubstr("pass 'plan' works on a model, and none is there"),
                              HasSubstr("('source')"),
                              HasSubstr("pass 'source' makes the model, so it must be the first")));
}

TEST_F(PipelineTest, letsAPassThatNeedsNoModelComeAnywhere) {
  add(packagePass({.id = "measure", .needsModel = false}));
  EXPECT_TRUE(plan({"measure"})) << errors();
  EXPECT_TRUE(plan({"measure", "source", "plan", "measure"})) << errors();
  EXPECT_FALSE(plan({"measure", "plan"}));
  EXPECT_THAT(errors(), HasSubstr("pass 'plan' works on a model, and none is there"));
}

TEST_F(PipelineTest, refusesAnEmptyChain) {
  EXPECT_FALSE(plan({}));
  EXPECT_EQ(errors(), "the recipe has no passes");
}

TEST_F(PipelineTest, reportsEverythingAtOnce) {
  add(packagePass({.id = "picky"}, nullptr,
                  [](CheckContext &context) { context.error("", "there is no such file"); }));
  EXPECT_FALSE(plan({"plan", "unknown-thing", "picky", "picky"}));
  EXPECT_THAT(errors(), AllOf(HasSubstr("unknown pass 'unknown-thing'"), HasSubstr("none is there"),
                              HasSubstr("picky: there is no such file")));
  EXPECT_EQ(diagnostics.errorCount(), 4u);
}

/// A source that finds out in check() whether it writes test.Tokens/1, and a pass that wants it.
class SometimesWrittenTest : public PassTest {
protected:
  SometimesWrittenTest() {
    add(packagePass({.id = "with-tokens", .mayWrite = {"test.Tokens/1"}, .isSource = true}));
    add(packagePass({.id = "without-tokens", .mayWrite = {"test.Tokens/1"}, .isSource = true},
                    nullptr, [](CheckContext &context) { context.leavesOut("test.Tokens/1"); }));
    add(packagePass({.id = "ship"}, nullptr, [](CheckContext &context) {
      if (!context.mayHave("test.Tokens/1"))
        context.error("", "there are no tokens");
    }));
  }
};

TEST_F(SometimesWrittenTest, IsExpectedUntilAPassLeavesItOut) {
  EXPECT_TRUE(plan({"with-tokens", "ship"})) << errors();
  EXPECT_FALSE(plan({"without-tokens", "ship"}));
  EXPECT_EQ(errors(), "ship: there are no tokens");
}

TEST_F(SometimesWrittenTest, IsNotExpectedFromPassesThatNeverWriteIt) {
  add(sourcePass());
  EXPECT_FALSE(plan({"source", "ship"}));
  EXPECT_EQ(errors(), "ship: there are no tokens");
}

TEST_F(SometimesWrittenTest, IsNotMissedAfterErrors) {
  EXPECT_FALSE(plan({"no-such-pass-at-all", "ship"}));
  EXPECT_THAT(errors(), testing::Not(HasSubstr("there are no tokens")));
}

TEST_F(PipelineTest, goesOnAfterWarnings) {
  add(packagePass({.id = "careful"}, nullptr,
                  [](CheckContext &context) { context.warning("", "that is slow"); }));
  EXPECT_TRUE(plan({"source", "careful"}));
}

TEST_F(PipelineTest, turnsExceptionsOfAPassIntoErrorsThatNameItsLibrary) {
  PassEntry entry = packagePass({.id = "thrower"}, nullptr,
                                [](CheckContext &) { throw std::runtime_error("bad check"); });
  entry.plugin = "thrower.so";
  add(entry);
  PassEntry second = packagePass({.id = "unmakeable"});
  second.create = [](const ConfigNode &, Diagnostics &) -> std::unique_ptr<Pass> { throw 42; };
  add(second);
  EXPECT_FALSE(plan({"source", "thrower", "unmakeable"}));
  EXPECT_THAT(
      errors(),
      AllOf(HasSubstr("pass 'thrower' (plugin 'thrower.so'): uncaught exception: bad check"),
            HasSubstr("pass 'unmakeable': uncaught exception")));
}

TEST_F(PipelineTest, reportsAPassThatRefusesItsOptionsWithoutAWord) {
  PassEntry entry = packagePass({.id = "mute"});
  entry.create = [](const ConfigNode &, Diagnostics &) { return nullptr; };
  add(entry);
  EXPECT_FALSE(plan({"source", "mute"}));
  EXPECT_EQ(errors(), "pass 'mute' refuses its options without giving a reason");
}

TEST_F(PipelineTest, printsThePlan) {
  auto pipeline = plan({"source", "plan"});
  ASSERT_TRUE(pipeline);
  std::string text;
  llvm::raw_string_ostream os(text);
  printPlan(*pipeline, os);
  EXPECT_EQ(text, "test: 2 passes\n  source (version 1): {}\n  plan (version 1): {}\n");
}

TEST(OptionPath, findsNestedOptionsAndTheNearestWhenOneIsMissing) {
  const char text[] = "0123456789";
  const auto at = [&](int i) {
    auto begin = llvm::SMLoc::getFromPointer(text + i);
    return llvm::SMRange(begin, begin);
  };
  ConfigNode memory{.kind = ConfigNode::Kind::Scalar, .range = at(3)};
  ConfigNode device{.kind = ConfigNode::Kind::Mapping, .range = at(2)};
  device.entries.push_back({"memory", {}, memory});
  ConfigNode devices{.kind = ConfigNode::Kind::Sequence, .range = at(1), .items = {device}};
  ConfigNode options{.kind = ConfigNode::Kind::Mapping, .range = at(0)};
  options.entries.push_back({"devices", {}, devices});

  EXPECT_EQ(locateOption(options, "devices[0].memory").getPointer(), text + 3);
  EXPECT_EQ(locateOption(options, "devices[0].name").getPointer(), text + 2);
  EXPECT_EQ(locateOption(options, "devices[7]").getPointer(), text + 1);
  EXPECT_EQ(locateOption(options, "devices").getPointer(), text + 1);
  EXPECT_FALSE(locateOption(options, "output").isValid());
  EXPECT_FALSE(locateOption(options, "").isValid());
}

} // namespace

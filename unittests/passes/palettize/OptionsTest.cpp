// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Defaults that depend on other options, and options that do not fit together.

#include "Options.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::palettize;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

using Setter = std::function<void(PalettizeOptions &)>;

/// "option: first words of the message" for each problem.
std::vector<std::string> problems(const Setter &set, bool mayHaveImportance = false) {
  PalettizeOptions options;
  set(options);
  std::vector<std::string> texts;
  for (const OptionProblem &problem : findProblems(options, mayHaveImportance))
    texts.push_back(problem.option + ": " + problem.message.substr(0, 24));
  return texts;
}

std::string described(const Setter &set) {
  PalettizeOptions options;
  set(options);
  return settingsFor(options, options.rules.empty() ? nullptr : &options.rules.front()).describe();
}

TEST(PalettizeOptions, ChooseGroupsWhereTheySizeThem) {
  EXPECT_EQ(described([](auto &) {}), "4 bits, per tensor");
  EXPECT_EQ(described([](auto &o) { o.groupSize = 4; }), "4 bits, groups of 4");
  EXPECT_EQ(described([](auto &o) { o.granularity = Granularity::PerGroupedChannel; }),
            "4 bits, groups of 32");
  EXPECT_EQ(described([](auto &o) {
              o.bits = 1;
              o.granularity = Granularity::PerChannel;
              o.perChannelScale = true;
              o.lutDtype = LutDtype::Int8;
            }),
            "1 bit, per channel, int8 tables, scaled channels");
}

TEST(PalettizeOptions, AreOverriddenByRules) {
  EXPECT_EQ(described([](auto &o) {
              o.granularity = Granularity::PerChannel;
              o.perChannelScale = true;
              o.rules.push_back({.match = "*", .bits = 8, .perChannelScale = false});
            }),
            "8 bits, per channel");
  EXPECT_EQ(described([](auto &o) { o.rules.push_back({.match = "*", .groupSize = 16}); }),
            "4 bits, groups of 16");
}

TEST(PalettizeOptions, MustFitTogether) {
  EXPECT_THAT(problems([](auto &) {}), IsEmpty());
  EXPECT_THAT(problems([](auto &o) { o.bits = 5; }), ElementsAre("bits: indices have 1, 2, 3, 4,"));
  EXPECT_THAT(problems([](auto &o) {
                o.granularity = Granularity::PerChannel;
                o.groupSize = 16;
              }),
              ElementsAre("group-size: needs granularity: per-g"));
}

TEST(PalettizeOptions, NeedTheImportanceThatTheyInsistOn) {
  const Setter insist = [](auto &o) { o.useImportance = UseImportance::Yes; };
  EXPECT_THAT(problems(insist), ElementsAre("use-importance: no pass before this one "));
  EXPECT_THAT(problems(insist, /*mayHaveImportance=*/true), IsEmpty());
  EXPECT_THAT(problems(
                  [&](auto &o) {
                    insist(o);
                    o.method = Method::Uniform;
                  },
                  /*mayHaveImportance=*/true),
              ElementsAre("use-importance: uniform tables depend on"));
}

TEST(PalettizeOptions, AreCheckedInRules) {
  EXPECT_THAT(problems([](auto &o) {
                o.exclude = {"[a"};
                o.rules.push_back({.match = "a", .skip = true});
                o.rules.push_back({.match = "{", .bits = 7});
                o.rules.push_back(
                    {.match = "b", .granularity = Granularity::PerTensor, .groupSize = 2});
              }),
              ElementsAre("exclude[0]: '[a' is no pattern: inva",
                          "rules[1].match: '{' is no pattern: incom",
                          "rules[1].bits: indices have 1, 2, 3, 4,",
                          "rules[2].group-size: needs granularity: per-g"));
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Patterns on weights, and what is reported of them.

#include "optrun/Compression/WeightSelection.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

#include "optrun/Compression/CompressionReport.h"
#include "optrun/Support/OptionError.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

Weight weight(const std::string &name, const std::string &module, uint64_t elements = 4096) {
  Weight weight;
  weight.names = {name};
  if (!module.empty())
    weight.modules = {module};
  weight.layout = {1, elements, 1, true};
  return weight;
}

std::vector<Weight> decoder() {
  return {weight("embed.weight", "model.embed"), weight("onnx::MatMul_7", "model.layers.0.q_proj"),
          weight("onnx::MatMul_9", "model.layers.0.up_proj"),
          weight("onnx::MatMul_11", "model.layers.10.q_proj"),
          weight("small", "model.layers.10.gate", 7)};
}

/// A letter for each weight: '-' when it is left alone, '.' without a rule, else the rule.
std::string choices(const WeightSelection &selection) {
  std::string text;
  for (const WeightChoice &choice : valueOf(chooseWeights(decoder(), selection)))
    text += !choice.isSelected ? '-' : !choice.rule ? '.' : static_cast<char>('0' + *choice.rule);
  return text;
}

TEST(WeightSelection, TakesWhatIsLargeEnough) {
  EXPECT_EQ(choices({}), ".....");
  EXPECT_EQ(choices({.minElements = 2048}), "....-");
}

TEST(WeightSelection, IncludesAndExcludesByNameAndModule) {
  EXPECT_EQ(choices({.include = {"model.layers.*"}}), "-....");
  EXPECT_EQ(choices({.include = {"onnx::MatMul_?"}}), "-..--");
  EXPECT_EQ(choices({.include = {"*.{q,up}_proj"}, .exclude = {"*.10.*"}}), "-..--");
}

TEST(WeightSelection, MeansAllThatIsInAModule) {
  EXPECT_EQ(choices({.exclude = {"model.layers.10"}}), "...--");
  EXPECT_EQ(choices({.include = {"model"}, .exclude = {"model.layers.?"}}), ".--..");
}

TEST(WeightSelection, AppliesTheFirstRuleThatMatches) {
  EXPECT_EQ(choices({.rules = {"*q_proj", "model.layers.0", "model"}}), "20102");
}

TEST(WeightSelection, RefusesPatternsWithoutEffect) {
  auto error = [](const WeightSelection &selection) {
    return errorOf(chooseWeights(decoder(), selection));
  };
  EXPECT_THAT(error({.include = {"*", "decoder.*"}}),
              AllOf(HasSubstr("include 'decoder.*' matches none of the weights"),
                    HasSubstr("there are 'model.embed', 'model.layers.0.q_proj'")));
  EXPECT_THAT(error({.exclude = {"lm_head"}}), HasSubstr("exclude 'lm_head' matches none"));
  EXPECT_THAT(error({.rules = {"*.gate"}, .minElements = 2048}),
              HasSubstr("the rule '*.gate' matches none"));
  EXPECT_THAT(error({.rules = {"*_proj", "*.up_proj"}}),
              HasSubstr("the rule '*.up_proj' never applies"));
  EXPECT_THAT(error({.exclude = {"*.up_proj"}, .rules = {"*.up_proj"}}),
              HasSubstr("the rule '*.up_proj' never applies"));
  EXPECT_THAT(error({.include = {"[a"}}), HasSubstr("'[a' is no pattern"));
  EXPECT_THAT(errorOf(checkPattern("")), HasSubstr("a pattern is empty"));
}

TEST(WeightSelection, SaysWhichOptionHasNoEffect) {
  std::vector<std::string> options;
  llvm::handleAllErrors(chooseWeights(decoder(), {.include = {"*", "decoder.*"},
                                                  .exclude = {"lm_head"},
                                                  .rules = {"*_proj", "*.gate", "*.up_proj"}})
                            .takeError(),
                        [&](const OptionError &error) { options.push_back(error.option()); });
  EXPECT_THAT(options, ElementsAre("include[1]", "exclude[0]", "rules[2].match"));
}

std::string textOf(const Table &table) {
  std::string text;
  llvm::raw_string_ostream os(text);
  table.print(os);
  return text;
}

TEST(CompressionReport, AddsUpLayersAndFormats) {
  EXPECT_EQ(groupOf(weight("w", "model.layers.10.q_proj")), "model.layers.*.q_proj");
  EXPECT_EQ(groupOf(weight("conv1.weight", "")), "conv1.weight");
  const std::vector<CompressedWeight> weights = {{"a", "x.*.q", "int4", 1000, 2000, 500, 1, 100},
                                                 {"b", "x.*.q", "int4", 1000, 2000, 500, 3, 300},
                                                 {"c", "x.*.q", "int8", 1000, 2000, 1000, 0, 0}};
  EXPECT_EQ(
      textOf(groupTable(weights, 600)),
      "weights          format  tensors  params  bits/weight   before    after  relative error\n"
      "---------------  ------  -------  ------  -----------  -------  -------  --------------\n"
      "x.*.q            int4          2  2.00 K         4.00  4.00 KB  1.00 KB          0.1000\n"
      "x.*.q            int8          1  1.00 K         8.00  2.00 KB  1.00 KB          0.0000\n"
      "---------------  ------  -------  ------  -----------  -------  -------  --------------\n"
      "compressed                     3  3.00 K         5.33  6.00 KB  2.00 KB          0.1000\n"
      "everything else                                          600 B    600 B\n"
      "model                                                  6.60 KB  2.60 KB\n");
  EXPECT_EQ(textOf(largestErrors(weights, 1)), "largest errors  format  relative error\n"
                                               "--------------  ------  --------------\n"
                                               "a               int4            0.1000\n");
}

} // namespace

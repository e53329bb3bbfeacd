// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Defaults that depend on other options, and options that do not fit together.

#include "Options.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::quantize;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

/// "option: first words of the message" for each problem.
std::vector<std::string> problems(const std::function<void(QuantizeOptions &)> &set) {
  QuantizeOptions options;
  set(options);
  std::vector<std::string> texts;
  for (const OptionProblem &problem : findProblems(options))
    texts.push_back(problem.option + ": " + problem.message.substr(0, 24));
  return texts;
}

WeightSettings settings(const std::function<void(QuantizeOptions &)> &set) {
  QuantizeOptions options;
  set(options);
  return settingsFor(options, options.rules.empty() ? nullptr : &options.rules.front());
}

TEST(QuantizeOptions, ChooseBlocksForFewBits) {
  EXPECT_EQ(settings([](auto &) {}).describe(), "int8, per channel");
  EXPECT_EQ(settings([](auto &o) { o.dtype = ir::DataType::UInt4; }).describe(),
            "uint4, blocks of 32");
  EXPECT_EQ(settings([](auto &o) { o.blockSize = 128; }).describe(), "int8, blocks of 128");
  EXPECT_EQ(settings([](auto &o) { o.format = Format::Operator; }).describe(),
            "int8, blocks of 32");
  EXPECT_EQ(settings([](auto &o) { o.granularity = Granularity::PerTensor; }).describe(),
            "int8, per tensor");
}

TEST(QuantizeOptions, AreOverriddenByRules) {
  EXPECT_EQ(settings([](auto &o) {
              o.dtype = ir::DataType::Int4;
              o.mode = Mode::Asymmetric;
              o.rules.push_back({.match = "*", .dtype = ir::DataType::Int8});
            }).describe(),
            "int8, asymmetric, per channel");
  EXPECT_EQ(settings([](auto &o) {
              o.granularity = Granularity::PerChannel;
              o.rules.push_back({.match = "*", .blockSize = 16});
            }).describe(),
            "int8, blocks of 16");
}

TEST(QuantizeOptions, MustFitTogether) {
  EXPECT_THAT(problems([](auto &) {}), IsEmpty());
  EXPECT_THAT(problems([](auto &o) { o.kind = Kind::Static; }),
              ElementsAre("kind: static quantization is n"));
  EXPECT_THAT(problems([](auto &o) {
                o.granularity = Granularity::PerChannel;
                o.blockSize = 16;
              }),
              ElementsAre("block-size: needs granularity: per-b"));
  EXPECT_THAT(problems([](auto &o) {
                o.granularity = Granularity::PerTensor;
                o.method = Method::Search;
              }),
              ElementsAre("method: one scale for a whole we"));
  EXPECT_THAT(problems([](auto &o) { o.accuracyLevel = 4; }),
              ElementsAre("accuracy-level: is an attribute of MatMu"));
}

TEST(QuantizeOptions, MustFitTheOperators) {
  auto withBlocksOf = [](int64_t size) {
    return [size](QuantizeOptions &options) {
      options.format = Format::Operator;
      options.blockSize = size;
    };
  };
  EXPECT_THAT(problems(withBlocksOf(16)), IsEmpty());
  for (int64_t size : {8, 24, 512})
    EXPECT_THAT(problems(withBlocksOf(size)), ElementsAre("block-size: com.microsoft's operator"));
  EXPECT_THAT(problems([](auto &o) {
                o.format = Format::Operator;
                o.granularity = Granularity::PerChannel;
              }),
              ElementsAre("granularity: com.microsoft's operator"));
}

TEST(QuantizeOptions, MustFitProductsOfIntegers) {
  EXPECT_THAT(problems([](auto &o) { o.kind = Kind::Dynamic; }), IsEmpty());
  EXPECT_THAT(problems([](auto &o) {
                o.kind = Kind::Dynamic;
                o.dtype = ir::DataType::Int4;
                o.granularity = Granularity::PerBlock;
                o.format = Format::Operator;
              }),
              ElementsAre("format: dynamic quantization has", "dtype: products are computed in",
                          "granularity: products of whole channe"));
}

TEST(QuantizeOptions, AreCheckedInRules) {
  EXPECT_THAT(problems([](auto &o) {
                o.include = {"*", "[a"};
                o.rules.push_back({.match = "a", .skip = true});
                o.rules.push_back({.match = "{", .blockSize = 24});
                o.format = Format::Operator;
              }),
              ElementsAre("include[1]: '[a' is no pattern: inva",
                          "rules[1].match: '{' is no pattern: incom",
                          "rules[1].block-size: com.microsoft's operator"));
}

} // namespace

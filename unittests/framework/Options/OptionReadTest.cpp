// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading options: what each type takes, what it refuses, and how it says so.

#include "OptionsFixture.h"

#include <cmath>

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

TEST(OptionRead, TakesDefaultsFromTheStruct) {
  Read<AllTypes> read("");
  EXPECT_EQ(read.messages, "");
  EXPECT_EQ(read.options, AllTypes());
}

TEST(OptionRead, ReadsEachType) {
  Read<AllTypes> read("flag: true\n"
                      "count: 12\n"
                      "small: 255\n"
                      "ratio: 1e-3\n"
                      "text: model.layers\n"
                      "size: 1.5GB\n"
                      "path: models/a.onnx\n"
                      "balance: layers\n"
                      "maybe: 0\n"
                      "names: [a, 'b']\n"
                      "balances: [bytes, layers]\n"
                      "maybe-list: [4, 8]");
  ASSERT_EQ(read.messages, "");
  EXPECT_TRUE(read.options.flag);
  EXPECT_EQ(read.options.count, 12);
  EXPECT_EQ(read.options.small, 255);
  EXPECT_EQ(read.options.ratio, 0.001);
  EXPECT_EQ(read.options.text, "model.layers");
  EXPECT_EQ(read.options.size.bytes, 1'500'000'000u);
  EXPECT_EQ(read.options.path.path, "models/a.onnx");
  EXPECT_EQ(read.options.balance, Balance::Layers);
  EXPECT_EQ(read.options.maybe, 0);
  EXPECT_THAT(read.options.names, testing::ElementsAre("a", "b"));
  EXPECT_THAT(read.options.balances, testing::ElementsAre(Balance::Bytes, Balance::Layers));
  EXPECT_THAT(*read.options.maybeList, testing::ElementsAre(4, 8));
}

TEST(OptionRead, ResolvesPathsAgainstTheRecipesFolder) {
  EXPECT_EQ(Read<AllTypes>("path: a.onnx", "/configs/r.yaml").options.path.path, "/configs/a.onnx");
  EXPECT_EQ(Read<AllTypes>("path: ./a.onnx", "configs/r.yaml").options.path.path, "configs/a.onnx");
  EXPECT_EQ(Read<AllTypes>("path: ../a.onnx", "configs/r.yaml").options.path.path,
            "configs/../a.onnx");
  EXPECT_EQ(Read<AllTypes>("path: /m/a.onnx", "configs/r.yaml").options.path.path, "/m/a.onnx");
  EXPECT_EQ(Read<AllTypes>("path: .", "configs/r.yaml").options.path.path, "configs");
  EXPECT_EQ(Read<AllTypes>("path: ''", "configs/r.yaml").options.path.path, "");
}

// One value, and what happens to it: "" for good, else a part of the message.
struct Case {
  const char *yaml;
  const char *message;
};

std::ostream &operator<<(std::ostream &os, const Case &value) { return os << value.yaml; }

class OptionTyping : public testing::TestWithParam<Case> {};

TEST_P(OptionTyping, TakesOrRefuses) {
  Read<AllTypes> read(GetParam().yaml);
  if (*GetParam().message)
    EXPECT_THAT(read.messages, HasSubstr(std::string("error: '") + GetParam().message));
  else
    EXPECT_EQ(read.messages, "");
}

INSTANTIATE_TEST_SUITE_P(
    Bool, OptionTyping,
    testing::Values(Case{"flag: false", ""}, //
                    Case{"flag: yes", "flag' must be true or false, not 'yes'; write true"},
                    Case{"flag: off", "flag' must be true or false, not 'off'; write false"},
                    Case{"flag: True", "flag' must be true or false, not 'True'; write true"},
                    Case{"flag: 1", "flag' must be true or false, not '1'; write true"},
                    Case{"flag: 'true'",
                         "flag' must be true or false, and 'true' in quotes is a text; remove"},
                    Case{"flag: maybe", "flag' must be true or false, not 'maybe'"},
                    Case{"flag:", "flag' needs a value"}, //
                    Case{"flag: [true]", "flag' must be true or false, not a list"},
                    Case{"flag: {a: 1}", "flag' must be true or false, not a mapping"}));

INSTANTIATE_TEST_SUITE_P(
    Integer, OptionTyping,
    testing::Values(
        Case{"count: +5", ""}, Case{"count: 1e3", ""}, Case{"count: 64.0", ""},
        Case{"count: 6.4e1", ""},
        Case{"count: 010", "count' must be an integer without leading zeros, which YAML 1.1 reads "
                           "as octal; write 10"},
        Case{"count: 0x10", "count' must be an integer, not '0x10'"},
        Case{"count: 0", "count' must be between 1 and 65536, not 0"},
        Case{"count: 65537", "count' must be between 1 and 65536, not 65537"},
        Case{"count: 1e9", "count' must be between 1 and 65536, not 1e9"},
        Case{"count: 1.5", "count' must be an integer, not '1.5'"},
        Case{"count: 1e-3", "count' must be an integer, not '1e-3'"},
        Case{"count: 1_000", "count' must be an integer, not '1_000'; write 1000"},
        Case{"count: '3'", "count' must be an integer, and '3' in quotes is a text; remove the"},
        Case{"count: many", "count' must be an integer, not 'many'"},
        Case{"count: 2GB", "count' must be an integer, not '2GB'"},
        Case{"count: 99999999999999999999", "count' must fit in 64 bits"},
        Case{"count: 1e999999999999999999999", "count' must fit in 64 bits"},
        Case{"small: 256", "small' must be between 0 and 255, not 256"},
        Case{"small: -1", "small' must be between 0 and 255, not -1"},
        Case{"maybe: -1", "maybe' must be at least 0, not -1"}, //
        Case{"maybe: null", ""}, Case{"maybe: ~", ""}, Case{"maybe:", ""},
        Case{"maybe-list: [1, 3]", "maybe-list[1]' must be 1, 2, 4 or 8, not 3"},
        Case{"maybe-list: [1, null]", "maybe-list[1]' needs a value"}));

INSTANTIATE_TEST_SUITE_P(
    Float, OptionTyping,
    testing::Values(Case{"ratio: 1", ""}, Case{"ratio: .5", ""}, Case{"ratio: 5e-1", ""},
                    Case{"ratio: 0", "ratio' must be greater than 0 and at most 1, not 0"},
                    Case{"ratio: 1.01", "ratio' must be greater than 0 and at most 1, not 1.01"},
                    Case{"ratio: .nan", "ratio' must be a finite number, not '.nan'"},
                    Case{"ratio: -.inf", "ratio' must be a finite number, not '-.inf'"},
                    Case{"ratio: 1e999", "ratio' must be a number that 64 bits can hold"},
                    Case{"ratio: 00.5", "ratio' must be a number without leading zeros; write 0.5"},
                    Case{"ratio: 0,5", "ratio' must be a number, not '0,5'"},
                    Case{"ratio: 50%", "ratio' must be a number, not '50%'"},
                    Case{"ratio: \"0.5\"",
                         "ratio' must be a number, and '0.5' in quotes is a text"}));

INSTANTIATE_TEST_SUITE_P(
    TextAndSize, OptionTyping,
    testing::Values(Case{"text: 010", ""}, Case{"text: true", ""}, Case{"text: 'x: y'", ""},
                    Case{"text: ''", "text' must not be empty"}, //
                    Case{"text:", "text' needs a value"},
                    Case{"count: \"a\\nb\"", "count' must be an integer, and 'a b' in quotes is"},
                    Case{"ratio: a-text-that-is-much-too-long-to-be-shown-in-a-message-of-one-line",
                         "ratio' must be a number, not "
                         "'a-text-that-is-much-too-long-to-be-shown-in-a-message-of-one...'"},
                    Case{"text: [a]", "text' must be a text, not a list"},
                    Case{"path: {a: b}", "path' must be a path, not a mapping"},
                    Case{"size: 4096", ""}, Case{"size: '2GB'", ""},
                    Case{"size: 2Gb", "size' must be a size: '2Gb' ends in a lower-case b"},
                    Case{"size: 999", "size' must be between 1KB and 2GB, not 999"},
                    Case{"size: 3GB", "size' must be between 1KB and 2GB, not 3GB"},
                    Case{"size: 18446744073709551615", "size' must be between 1KB and 2GB"},
                    Case{"size: lots", "size' must be a size: 'lots' is not a size"},
                    Case{"size: [1GB]", "size' must be a size like 500MB, 2GB or 1.5GiB, not a"}));

INSTANTIATE_TEST_SUITE_P(
    EnumerationsAndLists, OptionTyping,
    testing::Values(
        Case{"balance: 'bytes'", ""}, Case{"balances: []", ""},
        Case{"balance: byte",
             "balance' must be layers or bytes, not 'byte'; did you mean 'bytes'?"},
        Case{"balance: Layers", "balance' must be layers or bytes, not 'Layers'; did you mean"},
        Case{"balance: memory", "balance' must be layers or bytes, not 'memory'\n"},
        Case{"balance: [bytes]", "balance' must be layers or bytes, not a list"},
        Case{"balances: [bytes, bits]", "balances[1]' must be layers or bytes, not 'bits'"},
        Case{"names: a", "names' must be a list; write [a]"},
        Case{"names: {a: b}", "names' must be a list, not a mapping"},
        Case{"names: []", "names' must not be empty"},
        Case{"names: [a, [b]]", "names[1]' must be a text, not a list"}));

TEST(OptionRead, ReportsEveryErrorAtItsPlace) {
  Read<AllTypes> read("flag: on\n"
                      "conut: 3\n"
                      "count: none\n"
                      "names: [a, {b: c}, []]\n"
                      "zzz: 1");
  EXPECT_EQ(
      read.messages,
      "recipe.yaml:4:11: error: 'flag' must be true or false, not 'on'; write true\n"
      "recipe.yaml:5:5: error: unknown option 'conut'; did you mean 'count'?\n"
      "recipe.yaml:6:12: error: 'count' must be an integer, not 'none'\n"
      "recipe.yaml:7:16: error: 'names[1]' must be a text, not a mapping\n"
      "recipe.yaml:7:24: error: 'names[2]' must be a text, not a list\n"
      "recipe.yaml:8:5: error: unknown option 'zzz'; known: flag, count, small, ratio, text, size, "
      "path, balance, maybe, names, balances, maybe-list\n");
}

TEST(OptionRead, ReportsWhatIsMissingAtThePass) {
  Read<ExportOptions> read("layout: {alignment: 0, odrer: columns}");
  EXPECT_EQ(read.messages,
            "recipe.yaml:4:25: error: 'layout.alignment' must be at least 1, not 0\n"
            "recipe.yaml:4:28: error: unknown option 'layout.odrer'; did you mean 'order'?\n"
            "recipe.yaml:3:3: error: missing required option 'output'\n"
            "recipe.yaml:3:3: error: missing required option 'opset'\n");
}

TEST(OptionRead, ReadsStructsAndListsOfStructs) {
  Read<SplitOptions> read("devices:\n"
                          "  - {name: npu, memory: 512MiB}\n"
                          "  - name: gpu\n"
                          "    memory: 8GB\n"
                          "    flops: 1e13");
  ASSERT_EQ(read.messages, "");
  ASSERT_EQ(read.options.devices.size(), 2u);
  EXPECT_EQ(read.options.devices[0], (Device{"npu", {512u << 20}, std::nullopt}));
  EXPECT_EQ(read.options.devices[1], (Device{"gpu", {8'000'000'000}, 1e13}));
  EXPECT_EQ(Read<ExportOptions>("{output: o, opset: 21, layout: {order: columns}}").options.layout,
            (ExportOptions::Layout{64, "columns"}));
}

TEST(OptionRead, NamesTheElementInErrorsOfLists) {
  Read<SplitOptions> read("devices: [{name: '', memory: 0}, {memmory: 1GB}, npu]");
  EXPECT_EQ(read.messages,
            "recipe.yaml:4:22: error: 'devices[0].name' must not be empty\n"
            "recipe.yaml:4:34: error: 'devices[0].memory' must be at least 1, not 0\n"
            "recipe.yaml:4:39: error: unknown option 'devices[1].memmory'; did you mean 'memory'?\n"
            "recipe.yaml:4:38: error: missing required option 'devices[1].name'\n"
            "recipe.yaml:4:38: error: missing required option 'devices[1].memory'\n"
            "recipe.yaml:4:54: error: 'devices[2]' must be a mapping of names to values, not "
            "'npu'\n");
}

TEST(OptionRead, AsksConditionsOfOneOptionAndOfSeveral) {
  EXPECT_THAT(Read<SplitOptions>("{memory: 1GB, block-size: 48}").messages,
              HasSubstr("4:31: error: 'block-size' must be a power of two"));
  EXPECT_THAT(Read<SplitOptions>("{}").messages,
              HasSubstr("3:3: error: give either 'memory' or 'devices'"));
  EXPECT_THAT(Read<SplitOptions>("{memory: 1GB, devices: [{name: a, memory: 1}]}").messages,
              HasSubstr("4:28: error: give either 'memory' or 'devices'"));
  // Not asked when an option is wrong already.
  EXPECT_THAT(Read<SplitOptions>("{block-size: 48}").messages,
              testing::Not(HasSubstr("give either")));
}

TEST(OptionRead, ResolvesWithoutKnowingTheType) {
  Diagnostics diagnostics(nullptr);
  OptionSchema schema = OptionSchema::of<ExportOptions>();
  ConfigNode good = optionsNode("{output: out, opset: 21}", diagnostics, "configs/r.yaml");
  std::optional<ConfigNode> resolved = schema.resolve(good, diagnostics);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->find("output")->scalar, "configs/out");
  EXPECT_EQ(resolved->find("layout")->find("alignment")->scalar, "64");
  EXPECT_FALSE(schema.resolve(ConfigNode(), diagnostics));
  EXPECT_EQ(diagnostics.errorCount(), 2u);
}

TEST(OptionRead, KnowsPassesWithoutOptions) {
  Diagnostics diagnostics(nullptr);
  OptionSchema none;
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.resolve(ConfigNode(), diagnostics));
  EXPECT_FALSE(none.resolve(optionsNode("a: 1", diagnostics), diagnostics));
  EXPECT_EQ(diagnostics.all().back().message, "unknown option 'a'; there are none here");
}

TEST(OptionRead, SkipsValuesWhoseErrorWasReported) {
  Diagnostics diagnostics(nullptr);
  ConfigNode node = optionsNode("{output: '${missing}', opset: 21}", diagnostics);
  ASSERT_EQ(diagnostics.errorCount(), 1u); // no such parameter
  ExportOptions options;
  EXPECT_FALSE(OptionSchema::of<ExportOptions>().parse(node, options, diagnostics));
  EXPECT_EQ(diagnostics.errorCount(), 1u);
}

// Bindings that make no sense.

struct TwoOfOneName {
  int64_t a = 0, b = 0;
  static void bind(OptionBinder<TwoOfOneName> &bind) {
    bind.option("a", &TwoOfOneName::a, "");
    bind.option("a", &TwoOfOneName::b, "");
  }
};

struct NoValues {
  Balance balance = Balance::Layers;
  static void bind(OptionBinder<NoValues> &bind) { bind.option("balance", &NoValues::balance, ""); }
};

struct BadName {
  bool flag = false;
  static void bind(OptionBinder<BadName> &bind) { bind.option("Bad_Name", &BadName::flag, ""); }
};

TEST(OptionBinding, ThrowsWhenItMakesNoSense) {
  EXPECT_THROW(OptionSchema::of<TwoOfOneName>(), std::logic_error);
  EXPECT_THROW(OptionSchema::of<NoValues>(), std::logic_error);
  EXPECT_THROW(OptionSchema::of<BadName>(), std::logic_error);
}

} // namespace

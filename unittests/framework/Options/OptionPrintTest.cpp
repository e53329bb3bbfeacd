// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Options printed: as YAML that reads back, as JSON, as documentation.

#include "OptionsFixture.h"

#include "optrun/Options/ConfigPrinter.h"

#include "llvm/Support/JSON.h"

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string toYaml(const ConfigNode &node) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printYaml(node, os);
  return text;
}

template <typename T> std::string toYaml(const T &options) {
  return toYaml(OptionSchema::of<T>().print(options));
}

AllTypes unusual() {
  AllTypes options;
  options.flag = true;
  options.count = 65536;
  options.ratio = 1.0 / 3;
  options.text = "yes";
  options.size = {1'000'001};
  options.path = {"/with blank: #1/${x}"};
  options.balance = Balance::Layers;
  options.maybe = 7;
  options.names = {"010", "*.mlp.*", "",     "'it's'",  "a\tb\n\x01\"\\",
                   "2GB", "-",       "null", "\xC3\xBC"};
  options.balances = {Balance::Layers};
  options.maybeList = {{8, 1}};
  return options;
}

TEST(OptionPrint, PrintsEverythingInOrderOfDeclaration) {
  EXPECT_EQ(toYaml(AllTypes()), "flag: false\n"
                                "count: 3\n"
                                "small: 4\n"
                                "ratio: 0.5\n"
                                "text: auto\n"
                                "size: 1MB\n"
                                "path: ''\n"
                                "balance: bytes\n"
                                "names: [all]\n"
                                "balances: []\n");
}

TEST(OptionPrint, ReadsBackAsTheSame) {
  AllTypes options = unusual();
  options.names.erase(options.names.begin() + 4); // control characters do not go into recipes
  options.names.erase(options.names.begin() + 2); // nor may names be empty
  options.path = {"/with blank: #1/x"};
  Read<AllTypes> read(toYaml(options));
  EXPECT_EQ(read.messages, "");
  EXPECT_EQ(read.options, options);

  SplitOptions split;
  split.devices = {
      {"npu", {512}, 1e13}, {"true", {1}, std::nullopt}, {std::string(200, 'x'), {2}, 3}};
  Read<SplitOptions> readSplit(toYaml(split));
  EXPECT_EQ(readSplit.messages, "");
  EXPECT_EQ(readSplit.options, split);
}

TEST(OptionPrint, QuotesOnlyWhatYamlWouldMistake) {
  EXPECT_THAT(
      toYaml(unusual()),
      HasSubstr("names: ['010', '*.mlp.*', '', '''it''s''', \"a\\tb\\n\\x01\\\"\\\\\", 2GB, '-', "
                "'null', \xC3\xBC]"));
  for (llvm::StringRef text :
       {"no",   "Off",  "~",  "1e3", "0x1F", "1_000", "2024-01-02", "12:30", ".5", "-1",
        "a: b", "a #b", "#a", "[a",  "a,b",  "{",     "- a",        " a",    "a ", "&a",
        "!a",   "%a",   "@a", "`a",  "a:",   "|",     ">",          "<<"}) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::Scalar;
    node.quoted = true;
    node.scalar = text;
    EXPECT_EQ(toFlowYaml(node), "'" + text.str() + "'");
  }
  for (llvm::StringRef text : {"a", "./out", "../m.onnx", "a:b", "a#b", "2GB", "1.5GiB",
                               "model.layers.0", "http://a/b", "/m"}) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::Scalar;
    node.quoted = true;
    node.scalar = text;
    EXPECT_EQ(toFlowYaml(node), text.str());
  }
}

TEST(OptionPrint, BreaksLongLines) {
  SplitOptions options;
  for (int i = 0; i < 3; ++i)
    options.devices.push_back({"device-with-a-long-name-" + std::to_string(i), {1000}, 1e12});
  EXPECT_EQ(toYaml(options), "devices:\n"
                             "  - {name: device-with-a-long-name-0, memory: 1KB, flops: 1e+12}\n"
                             "  - {name: device-with-a-long-name-1, memory: 1KB, flops: 1e+12}\n"
                             "  - {name: device-with-a-long-name-2, memory: 1KB, flops: 1e+12}\n"
                             "block-size: 32\n");
}

TEST(OptionPrint, GivesJsonItsTypes) {
  EXPECT_EQ(toJson(OptionSchema::of<AllTypes>().print(unusual())),
            R"({"flag":true,"count":65536,"small":4,"ratio":0.3333333333333333,"text":"yes",)"
            R"("size":1000001,"path":"/with blank: #1/${x}","balance":"layers","maybe":7,)"
            R"("names":["010","*.mlp.*","","'it's'","a\tb\n\u0001\"\\","2GB","-","null",")"
            "\xC3\xBC"
            R"("],"balances":["layers"],"maybe-list":[8,1]})");
  EXPECT_EQ(toJson(ConfigNode()), "null");
}

TEST(OptionPrint, MakesJsonOfAnyScalar) {
  Diagnostics diagnostics(nullptr);
  ConfigNode node = optionsNode("{a: .5, b: 5., c: +5, d: -0.5e-3, e: 007, f: -, g: '5', h: yes, "
                                "i: true, j: null, k: -1, l: [], m: {}}",
                                diagnostics);
  EXPECT_EQ(toJson(node), R"({"a":".5","b":"5.","c":"+5","d":-0.5e-3,"e":"007","f":"-","g":"5",)"
                          R"("h":"yes","i":true,"j":null,"k":-1,"l":[],"m":{}})");
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(toJson(node));
  EXPECT_TRUE(!!parsed) << llvm::toString(parsed.takeError());
}

TEST(OptionDocumentation, DescribesForATerminal) {
  std::string text;
  llvm::raw_string_ostream os(text);
  OptionSchema::of<SplitOptions>().describe(os, 60);
  EXPECT_EQ(text, "  memory: size\n"
                  "      Memory of each device.\n"
                  "  devices: list of mappings\n"
                  "      The devices, first to last.\n"
                  "      name: text (required)\n"
                  "          Its name.\n"
                  "      memory: size, at least 1 (required)\n"
                  "          Its memory.\n"
                  "      flops: number, greater than 0\n"
                  "          Operations per second.\n"
                  "  block-size: integer (default: 32)\n"
                  "      Values in a block.\n");
}

TEST(OptionDocumentation, DescribesTypesLimitsValuesAndDefaults) {
  std::string text;
  llvm::raw_string_ostream os(text);
  OptionSchema::of<AllTypes>().describe(os);
  EXPECT_THAT(text, HasSubstr("  count: integer, between 1 and 65536 (default: 3)\n"));
  EXPECT_THAT(text, HasSubstr("  small: integer (default: 4)\n"));
  EXPECT_THAT(text, HasSubstr("  ratio: number, greater than 0 and at most 1 (default: 0.5)\n"));
  EXPECT_THAT(text, HasSubstr("  balance: layers | bytes (default: bytes)\n"
                              "      What to make equal.\n"
                              "        layers: as many layers in each\n"
                              "        bytes: as many bytes in each\n"));
  EXPECT_THAT(text, HasSubstr("  names: list of texts (default: [all])\n"));
  EXPECT_THAT(text, HasSubstr("  maybe-list: list of 1 | 2 | 4 | 8\n"));
}

TEST(OptionDocumentation, WrapsAtTheWidth) {
  std::string text;
  llvm::raw_string_ostream os(text);
  OptionSchema::of<AllTypes>().describe(os, 30);
  for (llvm::StringRef rest = text; !rest.empty();) {
    auto [line, next] = rest.split('\n');
    EXPECT_LE(line.size(), 30u) << line.str();
    rest = next;
  }
}

TEST(OptionDocumentation, WritesMarkdownTables) {
  std::string text;
  llvm::raw_string_ostream os(text);
  OptionSchema::of<SplitOptions>().printMarkdown(os);
  EXPECT_EQ(text, "| Option | Type | Default | Meaning |\n"
                  "|---|---|---|---|\n"
                  "| `memory` | size |  | Memory of each device. |\n"
                  "| `devices` | list of mappings |  | The devices, first to last. |\n"
                  "| `block-size` | integer | `32` | Values in a block. |\n"
                  "\n"
                  "Each element of `devices`:\n"
                  "\n"
                  "| Option | Type | Default | Meaning |\n"
                  "|---|---|---|---|\n"
                  "| `name` | text | required | Its name. |\n"
                  "| `memory` | size, at least 1 | required | Its memory. |\n"
                  "| `flops` | number, greater than 0 |  | Operations per second. |\n");
  text.clear();
  OptionSchema::of<AllTypes>().printMarkdown(os);
  EXPECT_THAT(text,
              HasSubstr("| `balance` | `layers \\| bytes` | `bytes` | What to make "
                        "equal.<br>`layers`: as many layers in each<br>`bytes`: as many bytes "
                        "in each |\n"));
}

} // namespace

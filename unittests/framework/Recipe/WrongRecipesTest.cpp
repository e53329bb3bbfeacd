// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Wrong recipes and exactly what is said about each: place, problem, remedy, and all problems at
/// once. Problems with the options of passes are in OptionReadTest, those of `extends` in
/// ExtendsTest.

#include "RecipeFixture.h"

using namespace optrun;
using namespace optrun::test;

namespace {

struct WrongRecipe {
  const char *name;
  const char *text;
  const char *messages; // without the file's name before line and column
  Settings settings = {};
};

std::ostream &operator<<(std::ostream &os, const WrongRecipe &value) { return os << value.text; }

class WrongRecipes : public testing::TestWithParam<WrongRecipe> {};

TEST_P(WrongRecipes, AreReportedWhole) {
  ReadRecipe read(GetParam().text, GetParam().settings);
  EXPECT_GT(read.diagnostics.errorCount(), 0u);
  std::string messages;
  for (llvm::StringRef rest = read.messages; !rest.empty();) {
    auto [line, next] = rest.split('\n');
    line.consume_front("recipe.yaml:");
    messages += line.str() + "\n";
    rest = next;
  }
  EXPECT_EQ(messages, GetParam().messages);
}

std::string nameOf(const testing::TestParamInfo<WrongRecipe> &recipe) { return recipe.param.name; }

// The text is no YAML.
const WrongRecipe yamlRecipes[] = {
    {"Empty", "", "1:1: error: the recipe is empty; it starts with 'recipe: 1'\n"},
    {"OnlyComments", "# nothing\n\n",
     "1:1: error: the recipe is empty; it starts with 'recipe: 1'\n"},
    {"Text", "split my model\n",
     "1:1: error: a recipe is a mapping that starts with 'recipe: 1', and this is 'split my "
     "model'\n"},
    {"List", "- capture: {}\n",
     "1:1: error: a recipe is a mapping that starts with 'recipe: 1', and this is a list\n"},
    {"NoBlankAfterColon", "recipe:1\n",
     "1:1: error: a recipe is a mapping that starts with 'recipe: 1', and this is "
     "'recipe:1'\n"},
    {"NoBlankAfterColonInside", "recipe: 1\npasses:\n- split: {splits:2}\n",
     "3:11: error: 'splits:2' is no key with a value; put a blank after the ':'\n"},
    {"TabIndentation", "recipe: 1\npasses:\n\t- capture: {}\n",
     "3:1: error: YAML takes no tabs as indentation; use blanks\n"},
    {"UnclosedMapping", "recipe: 1\npasses:\n- capture: {model: a.onnx\n",
     "3:12: error: this '{' is not closed\n"},
    {"UnclosedList", "recipe: 1\nplugins: [a, b\npasses: []\n",
     "3:7: error: expected ',' or ']' in this [ ] list\n"},
    {"UnclosedQuote", "recipe: 1\nname: 'split\npasses: []\n",
     "2:7: error: this quoted text is not closed\n"},
    {"UnclosedDoubleQuote", "recipe: 1\nname: \"a\\\"\n",
     "2:7: error: this quoted text is not closed\n"},
    {"TooManyBraces", "recipe: 1\npasses:\n- capture: {}}\n",
     "3:14: error: there is no '{' or '[' that this closes\n"},
    {"ParameterInFlowWithoutQuotes", "recipe: 1\npasses:\n- capture: {model: ${model}}\n",
     "3:20: error: inside { } and [ ] a '${name}' must be quoted: \"${name}\"\n"},
    {"ColonInText", "recipe: 1\ndescription: first: second\n",
     "2:19: error: a ':' cannot stand here; check the indentation, or quote the text that it "
     "is "
     "part of\n"},
    {"BadIndentation", "recipe: 1\npasses:\n  - capture:\n      model: a\n    splits: 2\n   x: 1\n",
     "6:4: error: expected '- ' as above; check the indentation\n"},
    {"IndentedTooFar", "recipe: 1\n  name: x\n",
     "2:7: error: a ':' cannot stand here; check the indentation, or quote the text that it is "
     "part of\n"},
    {"ListOnLineOfKey", "recipe: 1\npasses: - capture: {}\n",
     "2:9: error: a list item ('- ') cannot stand here; start it on a line of its own\n"},
    {"Glob", "recipe: 1\npasses:\n- quantize: {include: [*.mlp.*]}\n",
     "3:24: error: '*' starts a YAML alias, and there is no such anchor; quote the text if '*' "
     "is part of it\n"},
    {"GlobWithQuestionMark", "recipe: 1\npasses:\n- quantize: {include: [layer.?.mlp]}\n",
     "3:30: error: inside { } and [ ] a text with '?' must be quoted\n"},
    {"GlobAlone", "recipe: 1\nname: *\n",
     "2:7: error: a text that starts with '*' must be quoted\n"},
    {"AtSign", "recipe: 1\nname: @home\n",
     "2:7: error: a text cannot start with this character; quote it\n"},
    {"UnknownEscape", "recipe: 1\nname: \"C:\\models\"\n",
     "2:10: error: '\\m' is no escape; use single quotes, or double the '\\'\n"},
    {"Tag", "recipe: !!int 1\npasses: [{a: {}}]\n",
     "1:9: error: tags are not supported here; write the value without '!'\n"},
    {"TwoDocuments", "recipe: 1\n---\nrecipe: 1\n",
     "2:1: error: a second document starts here; a file holds one\n"},
    {"ListThenMapping", "- a\nrecipe: 1\n",
     "2:1: error: this does not go on with what stands above; check the indentation\n"},
    {"MergeKey", "recipe: 1\npasses:\n- a: &x {b: 1}\n- c: {<<: *x}\n",
     "4:7: error: merge keys ('<<') are not supported; write the entries out, or use "
     "extends\n"},
    {"ListAsKey", "recipe: 1\n? [a]\n: b\n",
     "2:3: error: a key must be a text, not a list or mapping\n"},
    {"NoKey", "recipe: 1\npasses: [{: 1}]\n", "2:11: error: a key is missing before ':'\n"},
    {"AliasInItself", "recipe: 1\npasses: &a [*a]\n",
     "2:13: error: this alias stands inside what it refers to\n"},
    {"DuplicateKeys",
     "recipe: 1\nname: a\nname: b\npasses:\n- capture: {model: a, opset: 1, model: b}\n",
     "3:1: error: duplicate key 'name'\n"
     "2:1: note: it stands here already\n"
     "5:33: error: duplicate key 'model'\n"
     "5:13: note: it stands here already\n"},
    {"ControlCharacter", "recipe: 1\nname: \"a\\x1bb\"\n",
     "2:7: error: a text may not hold control characters\n"},
    {"EscapesThatYamlCppMisreads", "recipe: 1\nname: \"a\\_b\"\n",
     "2:7: error: the escapes '\\_' and '\\N' are not supported; write '\\u00a0' and '\\u0085'\n"},
    {"NotUtf8", "recipe: 1\nname: gr\xF6\xDF\n", "2:9: error: this is not UTF-8\n"},
    {"Utf16", "\xFF\xFEr", "1:1: error: this is UTF-16; save the file as UTF-8\n"},
    {"Binary", "\x08\x0Aonnx", "1:1: error: a byte 0x08 is no character of a text\n"}};
INSTANTIATE_TEST_SUITE_P(Yaml, WrongRecipes, testing::ValuesIn(yamlRecipes), nameOf);

// The text is YAML, and not a recipe.
const WrongRecipe structureRecipes[] = {
    {"NoVersion", "passes:\n- capture: {}\n",
     "1:1: error: missing key 'recipe: 1', the version of the format; is this a recipe?\n"},
    {"NewerVersion", "recipe: 2\nstages: []\n",
     "1:9: error: recipes of version 2 cannot be read; this is opt-run for version 1\n"},
    {"VersionNoNumber", "recipe: first\npasses:\n- capture: {}\n",
     "1:9: error: the version of the format must be an integer, not 'first'; write 'recipe: "
     "1'\n"},
    {"VersionQuoted", "recipe: '1'\npasses:\n- capture: {}\n",
     "1:9: error: the version of the format must be an integer, and '1' in quotes is a text; "
     "remove the quotes; write 'recipe: 1'\n"},
    {"UnknownKeys", "recipe: 1\npases:\n- capture: {}\nauthor: me\n",
     "2:1: error: unknown key 'pases'; did you mean 'passes'?\n"
     "4:1: error: unknown key 'author'; known: recipe, name, description, extends, parameters, "
     "plugins, passes\n"},
    {"NoPasses", "recipe: 1\nname: x\n", "1:1: error: missing key 'passes', the list of steps\n"},
    {"EmptyPasses", "recipe: 1\npasses: []\n",
     "2:9: error: 'passes' is empty; a recipe has at least one: '- capture: {model: ...}'\n"},
    {"NullPasses", "recipe: 1\npasses:\n",
     "2:1: error: 'passes' is empty; a recipe has at least one: '- capture: {model: ...}'\n"},
    {"PassesAsMapping", "recipe: 1\npasses:\n  capture: {}\n",
     "3:3: error: 'passes' must be a list ('- capture: {model: ...}'), not a mapping\n"},
    {"PassAsText", "recipe: 1\npasses:\n- capture\n- split by count\n",
     "3:3: error: a pass without options is written '- capture: {}'\n"
     "4:3: error: a step is written '- capture: {model: ...}', and this is 'split by count'\n"},
    {"PassAsList", "recipe: 1\npasses:\n- [capture]\n-\n- {}\n",
     "3:3: error: a step is written '- capture: {model: ...}', and this is a list\n"
     "4:1: error: a step is written '- capture: {model: ...}', and this is nothing\n"
     "5:3: error: a step names a pass: '- capture: {model: ...}'\n"},
    {"OptionBesidePass", "recipe: 1\npasses:\n- capture:\n  model: a.onnx\n",
     "4:3: error: 'model' stands beside 'capture': indent it deeper if it is an option of that "
     "pass, start it with '- ' if it is a pass of its own\n"},
    {"PassName", "recipe: 1\npasses:\n- Split_By_Count: {}\n",
     "3:3: error: 'Split_By_Count' cannot be the name of a pass: small letters, digits and '-' "
     "only\n"},
    {"OptionsAsText", "recipe: 1\npasses:\n- capture: a.onnx\n- export: [out]\n",
     "3:12: error: the options of 'capture' must be a mapping of names to values, not "
     "'a.onnx'\n"
     "4:11: error: the options of 'export' must be a mapping of names to values, not a list\n"},
    {"NameAsList", "recipe: 1\nname: [a]\ndescription:\npasses:\n- capture: {}\n",
     "2:7: error: 'name' must be a text, not a list\n"
     "3:1: error: 'description' must be a text, not nothing\n"},
    {"PluginsAsText", "recipe: 1\nplugins: mine.so\npasses:\n- capture: {}\n",
     "2:10: error: 'plugins' must be a list of paths of libraries, not 'mine.so'\n"},
    {"PluginAsMapping", "recipe: 1\nplugins: [{file: mine.so}, '']\npasses:\n- capture: {}\n",
     "2:11: error: a plugin is the path of a library, not a mapping\n"
     "2:28: error: a plugin is the path of a library, not nothing\n"},
    {"NamesOfSteps",
     "recipe: 1\npasses:\n- quantize: {}\n  as: body\n- palettize: {}\n  as: body\n- a: {}\n"
     "  as: [b]\n",
     "8:7: error: 'as' must be the name of a step (small letters, digits and '-'), not a list\n"
     "6:7: error: there is another step 'body'\n"
     "4:7: note: it stands here\n"},
    {"WithoutBase",
     "recipe: 1\npasses:\n- capture: {}\n- verify: off\n- quantize: {}\n  before: capture\n"
     "- export: false\n",
     "4:3: error: 'verify: off' takes a step out of a base recipe, and this recipe extends "
     "none\n"
     "6:3: error: 'before' places a step among those of a base recipe, and this recipe extends "
     "none\n"
     "7:11: error: the options of 'export' must be a mapping of names to values, not 'false'; "
     "to "
     "leave out a pass of the base recipe write off\n"}};
INSTANTIATE_TEST_SUITE_P(Structure, WrongRecipes, testing::ValuesIn(structureRecipes), nameOf);

// Parameters, as declared and as set.
const WrongRecipe parametersRecipes[] = {
    {"AsList", "recipe: 1\nparameters: [model]\npasses:\n- a: {}\n",
     "2:13: error: 'parameters' must be a mapping of names to defaults, not a list\n"},
    {"Name", "recipe: 1\nparameters: {2x: 1, a.b: 2}\npasses:\n- a: {}\n",
     "2:14: error: '2x' cannot be the name of a parameter: letters, digits, '-' and '_' only, "
     "a "
     "letter first\n"
     "2:21: error: 'a.b' cannot be the name of a parameter: letters, digits, '-' and '_' only, "
     "a letter first\n"},
    {"WithoutTypeAndDefault",
     "recipe: 1\nparameters:\n  a:\n  b: {help: x}\npasses:\n- p: {a: \"${a}${b}\"}\n",
     "3:3: error: parameter 'a' needs a default, or a declaration like {type: path, help: "
     "\"...\"}\n"
     "4:3: error: parameter 'b' needs a type or a default\n"},
    {"Type",
     "recipe: 1\nparameters:\n  a: {type: integer}\n  b: {type: strng, default: x}\n"
     "  c: {type: [int]}\npasses:\n- p: {a: \"${a}${b}${c}\"}\n",
     "3:13: error: the type of a parameter is one of string, int, float, bool, size, path, "
     "list, "
     "not 'integer'; did you mean 'int'?\n"
     "4:13: error: the type of a parameter is one of string, int, float, bool, size, path, "
     "list, "
     "not 'strng'; did you mean 'string'?\n"
     "5:13: error: the type of a parameter is one of string, int, float, bool, size, path, "
     "list, "
     "not a list\n"},
    {"Keys",
     "recipe: 1\nparameters:\n  a: {defualt: 1, help: [x], values: x, default: null}\npasses:\n"
     "- p: {a: \"${a}\"}\n",
     "3:7: error: unknown key 'defualt'; did you mean 'default'?\n"
     "3:50: error: the default of parameter 'a' needs a value; leave it out if the parameter "
     "must be given with --set\n"
     "3:25: error: 'help' must be a text, not a list\n"
     "3:38: error: 'values' must be a list of the values allowed, not 'x'\n"},
    {"DefaultOfOtherType",
     "recipe: 1\nparameters:\n  a: {type: int, default: many}\n  b: {type: size, default: "
     "2Gb}\n"
     "  c: {type: bool, default: yes}\n  d: {type: list, default: x}\n"
     "  e: {type: path, default: [x]}\n  f: 010\n  g: {type: float, default: .inf}\n"
     "passes:\n- p: {a: \"${a}${b}${c}${d}${e}${f}${g}\"}\n",
     "3:27: error: parameter 'a' must be an integer, not 'many'\n"
     "4:28: error: parameter 'b' must be a size: '2Gb' ends in a lower-case b, which means "
     "bits "
     "elsewhere; write GB\n"
     "5:28: error: parameter 'c' must be true or false, not 'yes'; write true\n"
     "6:28: error: parameter 'd' must be a list, not 'x'\n"
     "7:28: error: parameter 'e' must be a path, not a list\n"
     "8:6: error: parameter 'f' must be an integer without leading zeros, which YAML 1.1 reads "
     "as octal; write 10\n"
     "9:29: error: parameter 'g' must be a finite number, not '.inf'\n"},
    {"Limits",
     "recipe: 1\nparameters:\n  a: {default: 5, min: 6}\n  b: {default: 2GB, max: 1GiB}\n"
     "  c: {default: x, min: 1}\n  d: {default: 1, max: x}\n"
     "  e: {default: int3, values: [int4, int8]}\n  f: {default: true, values: [true]}\n"
     "passes:\n- p: {a: \"${a}${b}${c}${d}${e}${f}\"}\n",
     "3:16: error: parameter 'a' must be at least 6, not 5\n"
     "4:16: error: parameter 'b' must be at most 1GiB, not 2GB\n"
     "5:24: error: 'min' is for parameters of type int, float and size, and 'c' is a string\n"
     "6:24: error: 'max' of parameter 'd' must be an integer, not 'x'\n"
     "7:16: error: parameter 'e' must be one of int4, int8, not 'int3'; did you mean 'int4'?\n"
     "8:31: error: 'values' is for parameters of type string and int, and 'f' is a bool\n"},
    {"DefaultFromOther",
     "recipe: 1\nparameters: {a: x, b: \"${a}-out\"}\npasses:\n- p: {a: "
     "\"${a}\", b: \"${b}\"}\n",
     "2:24: error: the default of a parameter cannot refer to parameters; write '$${' for the "
     "text '${'\n"},
    {"RequiredAndNotGiven",
     "recipe: 1\nparameters:\n  model: {type: path, help: \"ONNX file\"}\n"
     "  memory: {type: size}\n  names: {type: list}\npasses:\n- p: {model: \"${model}\", m: "
     "\"${memory}\", n: \"${names}\"}\n",
     "3:3: error: parameter 'model' (ONNX file) needs a value: --set model=PATH\n"
     "4:3: error: parameter 'memory' needs a value: --set memory=SIZE\n"
     "5:3: error: parameter 'names' needs a value: --set names='[A, B]'\n"},
    {"SetUnknown",
     "recipe: 1\nparameters: {memory: 2GB}\npasses:\n- p: {m: \"${memory}\"}\n",
     "--set:1:1: error: the recipe has no parameter 'memroy'; did you mean 'memory'?\n"
     "--set:1:1: error: the recipe has no parameter 'x'; there are: memory\n",
     {{"memroy", "1GB"}, {"x", "1"}}},
    {"SetWithoutParameters",
     "recipe: 1\npasses:\n- p: {}\n",
     "--set:1:1: error: the recipe has no parameter 'memory'; it takes none\n",
     {{"memory", "1GB"}}},
    {"SetToOtherType",
     "recipe: 1\nparameters: {memory: 2GB, splits: {default: 2, max: 8}, dry: false, names: "
     "[a]}\npasses:\n- p: {m: \"${memory}${splits}${dry}\", n: \"${names}\"}\n",
     "--set:1:8: error: parameter 'memory' must be a size: '2XB' is not a size; write bytes or "
     "a number with a unit: 500MB, 2GB, 1.5GiB\n"
     "--set:1:8: error: parameter 'splits' must be at most 8, not 9\n"
     "--set:1:5: error: parameter 'dry' must be true or false, not 'yes'; write true\n"
     "--set:1:7: error: this '[' is not closed\n",
     {{"memory", "2XB"}, {"splits", "9"}, {"dry", "yes"}, {"names", "[a"}}},
    {"SetToBytes",
     "recipe: 1\nparameters: {a: x, b: x}\npasses:\n- p: {m: \"${a}${b}\"}\n",
     "--set:1:4: error: this is not UTF-8\n"
     "--set:1:3: error: a byte 0x1B is no character of a text\n",
     {{"a", "x\xF6"}, {"b", "\x1B[0m"}}},
    {"SetToNothing",
     "recipe: 1\nparameters: {splits: 2, size: 1GB}\npasses:\n- p: {m: "
     "\"${splits}${size}\"}\n",
     "--set:1:8: error: parameter 'splits' must be an integer, not ''\n"
     "--set:1:6: error: parameter 'size' must be a size: '' is not a size; write bytes or a "
     "number with a unit: 500MB, 2GB, 1.5GiB\n",
     {{"splits", ""}, {"size", ""}}}};
INSTANTIATE_TEST_SUITE_P(Parameters, WrongRecipes, testing::ValuesIn(parametersRecipes), nameOf);

// ${name} in values.
const WrongRecipe referencesRecipes[] = {
    {"Unknown",
     "recipe: 1\nparameters: {memory: 2GB}\npasses:\n- p: {a: \"${memroy}\", b: 'x ${other}'}\n"
     "- q:\n    m: ${memory}\n    c: a/${nope}/b\n",
     "4:11: error: no parameter 'memroy'; did you mean 'memory'?\n"
     "4:29: error: no parameter 'other'; there are: memory\n"
     "7:10: error: no parameter 'nope'; there are: memory\n"},
    {"WithoutParameters", "recipe: 1\nplugins: [\"${p}\"]\npasses:\n- p: {}\n",
     "2:12: error: no parameter 'p'; declare it under 'parameters:'\n"},
    {"Form",
     "recipe: 1\nparameters: {a: 1}\npasses:\n- p: {x: \"${a\", y: \"${}\", z: \"${a b}\", w: "
     "\"${a}\"}\n",
     "4:11: error: '${' is not closed; write '$${' for the text '${'\n"
     "4:21: error: '' is no name of a parameter; write '$${' for the text '${'\n"
     "4:31: error: 'a b' is no name of a parameter; write '$${' for the text '${'\n"},
    {"ListInText",
     "recipe: 1\nparameters: {names: [a, b]}\npasses:\n- p: {x: \"${names}.txt\", "
     "y: [\"${names}\"]}\n",
     "4:11: error: parameter 'names' is a list and cannot be part of a text\n"},
    {"InExtends", "recipe: 1\nextends: ${base}\npasses:\n- p: {}\n",
     "2:10: error: 'extends' cannot refer to parameters\n"},
    {"PluginAsList", "recipe: 1\nparameters: {p: [a]}\nplugins: [\"${p}\"]\npasses:\n- p: {}\n",
     "3:11: error: a plugin must be a path, not a list\n"},
    {"MissingValueIsReportedOnce",
     "recipe: 1\nparameters: {a: {type: int}}\npasses:\n- p: {x: \"${a}\", y: \"n${a}\"}\n",
     "2:14: error: parameter 'a' needs a value: --set a=INTEGER\n"}};
INSTANTIATE_TEST_SUITE_P(References, WrongRecipes, testing::ValuesIn(referencesRecipes), nameOf);

TEST(AllAtOnce, SeveralKindsOfErrorsAreReportedTogether) {
  ReadRecipe read("recipe: 1\n"
                  "nmae: all at once\n"
                  "parameters:\n"
                  "  model: {type: path}\n"
                  "  splits: {type: int, default: two}\n"
                  "passes:\n"
                  "  - capture: {model: \"${modle}\", model: x}\n"
                  "  - split-by-count\n"
                  "  - export: out\n",
                  {{"output", "x"}});
  EXPECT_EQ(
      read.messages,
      "recipe.yaml:7:34: error: duplicate key 'model'\n"
      "recipe.yaml:7:15: note: it stands here already\n"
      "recipe.yaml:2:1: error: unknown key 'nmae'; did you mean 'name'?\n"
      "recipe.yaml:8:5: error: a pass without options is written '- split-by-count: {}'\n"
      "recipe.yaml:9:13: error: the options of 'export' must be a mapping of names to values, not "
      "'out'\n"
      "--set:1:1: error: the recipe has no parameter 'output'; there are: model, splits\n"
      "recipe.yaml:4:3: error: parameter 'model' needs a value: --set model=PATH\n"
      "recipe.yaml:5:32: error: parameter 'splits' must be an integer, not 'two'\n"
      "recipe.yaml:7:23: error: no parameter 'modle'; did you mean 'model'?\n");
}

// Hostile sizes end quickly with one error.

TEST(HostileRecipes, ManyAliases) {
  std::string text = "recipe: 1\nname: x\nparameters:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    std::string alias = "*a" + std::to_string(level - 1);
    text += "  a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + alias;
    for (int i = 1; i < 10; ++i)
      text += ", " + alias;
    text += "]\n";
  }
  ReadRecipe read(text);
  EXPECT_EQ(read.diagnostics.errorCount(), 1u);
  EXPECT_THAT(read.messages, testing::HasSubstr("error: too large: more than 100000 values"));
}

TEST(HostileRecipes, AliasesOfALongText) {
  std::string text = "recipe: 1\nparameters:\n  a: &a " + std::string(1 << 20, 'x') + "\n  b: [*a";
  for (int i = 0; i < 1000; ++i)
    text += ", *a";
  ReadRecipe read(text + "]\n");
  EXPECT_EQ(read.diagnostics.errorCount(), 1u);
  EXPECT_THAT(read.messages, testing::HasSubstr("error: too large"));
}

TEST(HostileRecipes, ParametersThatMultiply) {
  std::string text =
      "recipe: 1\nparameters:\n  a: " + std::string(1 << 20, 'x') + "\npasses:\n- p:\n    x: '";
  for (int i = 0; i < 1000; ++i)
    text += "${a}";
  ReadRecipe read(text + "'\n    y: ${a}\n");
  EXPECT_EQ(read.messages, "recipe.yaml:6:8: error: parameters make the recipe too large\n");
}

TEST(HostileRecipes, DeepNesting) {
  for (llvm::StringRef bracket : {"[", "{a: "}) {
    std::string text = "recipe: 1\npasses: ";
    for (int i = 0; i < 100'000; ++i)
      text += bracket;
    ReadRecipe read(text);
    EXPECT_EQ(read.diagnostics.errorCount(), 1u);
    EXPECT_THAT(read.messages, testing::HasSubstr("error: nested more than 64 levels deep"));
  }
}

TEST(HostileRecipes, LargeTexts) {
  ReadRecipe read("recipe: 1\nname: " + std::string(5 << 20, 'x') + "\n");
  EXPECT_EQ(read.messages, "recipe.yaml:1:1: error: larger than 4 MiB; is this a recipe?\n");
}

TEST(HostileRecipes, ManyDuplicateKeysTakeNoQuadraticTime) {
  std::string text = "recipe: 1\npasses:\n- p: {a0: 0";
  for (int i = 1; i < 40'000; ++i)
    text += ", a" + std::to_string(i) + ": 0";
  ReadRecipe read(text + "}\n");
  EXPECT_EQ(read.messages, "");
}

} // namespace

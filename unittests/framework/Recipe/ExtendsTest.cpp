// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Recipes that extend others: what is merged, and what goes wrong.

#include "RecipeFixture.h"
#include "TestSupport/TemporaryFolder.h"

using namespace optrun;
using namespace optrun::test;

namespace {

constexpr llvm::StringLiteral base = "recipe: 1\n"
                                     "name: base\n"
                                     "description: The base.\n"
                                     "parameters:\n"
                                     "  model: {type: path, help: The model.}\n"
                                     "  memory: {type: size, default: 2GB, min: 1MB}\n"
                                     "  output: out\n"
                                     "plugins: [base.so]\n"
                                     "passes:\n"
                                     "- capture: {model: '${model}', opset: 21}\n"
                                     "- quantize: {dtype: int8, include: [a, b]}\n"
                                     "- quantize: {dtype: int4}\n"
                                     "  as: head\n"
                                     "- export: {output: '${output}'}\n"
                                     "- verify: {tolerance: 1e-5}\n";

class Extends : public testing::Test {
protected:
  Extends() { folder.write("base/llm.yaml", base); }

  /// The recipe \p text beside the folder of the base; messages without the temporary folder.
  ReadRecipe read(llvm::StringRef text, const Settings &settings = {{"model", "m.onnx"}}) {
    std::string path = folder.write("mine.yaml", text.str());
    ReadRecipe result(ReadRecipe::File{path}, settings);
    std::string prefix = folder.path("");
    for (size_t at; (at = result.messages.find(prefix)) != std::string::npos;)
      result.messages.erase(at, prefix.size());
    return result;
  }
  std::string messages(llvm::StringRef text) { return read(text).messages; }

  TemporaryFolder folder;
};

TEST_F(Extends, TakesEverythingFromTheBase) {
  ReadRecipe derived = read("recipe: 1\nextends: base/llm.yaml\n");
  ASSERT_EQ(derived.messages, "");
  EXPECT_EQ(derived.recipe->name, "mine");
  EXPECT_EQ(derived.recipe->description, "");
  EXPECT_EQ(derived.steps(), "capture {model: m.onnx, opset: 21}\n"
                             "quantize {dtype: int8, include: [a, b]}\n"
                             "quantize (head) {dtype: int4}\n"
                             "export {output: out}\n"
                             "verify {tolerance: 1e-5}\n");
  // A path in the base is relative to the base.
  EXPECT_EQ(derived.recipe->passes[3].options.find("output")->baseFolder, folder.path("base"));
  ASSERT_EQ(derived.recipe->plugins.size(), 1u);
  EXPECT_EQ(derived.recipe->plugins[0].path, folder.path("base/base.so"));
}

TEST_F(Extends, LaysOptionsOverThoseOfTheBaseKeyByKey) {
  ReadRecipe derived = read("recipe: 1\n"
                            "extends: base/llm.yaml\n"
                            "passes:\n"
                            "- verify: {samples: 3}\n"
                            "- quantize: {include: [c], mode: symmetric}\n"
                            "- quantize: {dtype: uint4}\n"
                            "  as: head\n"
                            "- capture: {opset: null}\n"
                            "- export:\n");
  ASSERT_EQ(derived.messages, "");
  EXPECT_EQ(derived.steps(), "capture {model: m.onnx}\n"
                             "quantize {dtype: int8, include: [c], mode: symmetric}\n"
                             "quantize (head) {dtype: uint4}\n"
                             "export {output: out}\n"
                             "verify {tolerance: 1e-5, samples: 3}\n");
}

TEST_F(Extends, AddsPlacesAndTakesOutSteps) {
  ReadRecipe derived = read("recipe: 1\n"
                            "extends: base/llm.yaml\n"
                            "passes:\n"
                            "- verify: off\n"
                            "- calibrate: {data: d}\n"
                            "  after: capture\n"
                            "- evaluate: {data: d}\n"
                            "- palettize: {bits: 4}\n"
                            "  before: head\n"
                            "- palettize: {bits: 2}\n"
                            "  after: palettize\n"
                            "  as: again\n"
                            "- quantize: off\n"
                            "  as: head\n");
  ASSERT_EQ(derived.messages, "");
  EXPECT_EQ(derived.steps(), "capture {model: m.onnx, opset: 21}\n"
                             "calibrate {data: d}\n"
                             "quantize {dtype: int8, include: [a, b]}\n"
                             "palettize {bits: 4}\n"
                             "palettize (again) {bits: 2}\n"
                             "export {output: out}\n"
                             "evaluate {data: d}\n");
}

TEST_F(Extends, ChangesParameters) {
  ReadRecipe derived = read("recipe: 1\n"
                            "extends: base/llm.yaml\n"
                            "parameters:\n"
                            "  model: local.onnx\n"
                            "  memory: 4GB\n"
                            "  output: {type: path}\n"
                            "  tolerance: 1e-3\n"
                            "passes:\n"
                            "- split-by-memory: {memory: '${memory}'}\n"
                            "- verify: {tolerance: '${tolerance}'}\n",
                            {});
  // All but output are used here only; what the base uses counts as well.
  ASSERT_EQ(derived.messages, "");
  EXPECT_EQ(derived.steps(), "capture {model: " + folder.path("local.onnx") +
                                 ", opset: 21}\n"
                                 "quantize {dtype: int8, include: [a, b]}\n"
                                 "quantize (head) {dtype: int4}\n"
                                 "export {output: " +
                                 folder.path("base/out") +
                                 "}\n"
                                 "verify {tolerance: 1e-3}\n"
                                 "split-by-memory {memory: 4GB}\n");
  EXPECT_EQ(derived.recipe->parameters[0].help, "The model.");
  EXPECT_EQ(derived.recipe->parameters[0].type, RecipeParameter::Type::Path);
}

TEST_F(Extends, KeepsTypeAndLimitsOfTheBase) {
  EXPECT_EQ(messages("recipe: 1\n"
                     "extends: base/llm.yaml\n"
                     "parameters:\n"
                     "  model: [a]\n"
                     "  memory: 4KB\n"
                     "passes:\n"
                     "- split-by-memory: {memory: '${memory}'}\n"),
            "mine.yaml:4:10: error: parameter 'model' must be a path, not a list\n"
            "mine.yaml:5:11: error: parameter 'memory' must be at least 1MB, not 4KB\n");
}

TEST_F(Extends, FollowsAChain) {
  folder.write("base/middle.yaml", "recipe: 1\nextends: llm.yaml\npasses:\n- capture: {opset: 20}\n"
                                   "- verify: off\n");
  ReadRecipe derived = read("recipe: 1\nextends: base/middle.yaml\npasses:\n- capture: {kv-cache: "
                            "false}\n- quantize: off\n- quantize: off\n  as: head\n");
  ASSERT_EQ(derived.messages, "");
  EXPECT_EQ(derived.steps(), "capture {model: m.onnx, opset: 20, kv-cache: false}\n"
                             "export {output: out}\n");
}

TEST_F(Extends, MayStandOnABaseOfParametersOnly) {
  folder.write("base/parameters.yaml", "recipe: 1\nparameters: {memory: 2GB}\n");
  ReadRecipe derived =
      read("recipe: 1\nextends: base/parameters.yaml\npasses:\n- a: {m: '${memory}'}\n", {});
  EXPECT_EQ(derived.messages, "");
  EXPECT_EQ(derived.steps(), "a {m: 2GB}\n");
}

TEST_F(Extends, ReportsWrongSteps) {
  EXPECT_EQ(
      messages("recipe: 1\n"
               "extends: base/llm.yaml\n"
               "passes:\n"
               "- verifi: off\n"
               "- a: {}\n"
               "  before: exprot\n"
               "- capture: {}\n"
               "  after: export\n"
               "- palettize: {}\n"
               "  as: head\n"
               "- export: {}\n"
               "- export: {}\n"
               "- b: {}\n"
               "  before: export\n"
               "  after: capture\n"),
      "mine.yaml:15:3: error: a step goes before or after another, not both\n"
      "mine.yaml:4:3: error: the base recipe has no step 'verifi' to take out; did you mean "
      "'verify'?\n"
      "mine.yaml:6:11: error: no step 'exprot' in the base recipe; did you mean 'export'?\n"
      "mine.yaml:8:10: error: step 'capture' is in the base recipe already; 'before' and "
      "'after' place new steps\n"
      "mine.yaml:9:3: error: step 'head' of the base recipe is a 'quantize', not a "
      "'palettize'\n"
      "mine.yaml:12:3: error: step 'export' of the base recipe is changed twice; for a second "
      "one add 'as: NAME'\n");
}

TEST_F(Extends, ReportsStepsThatAreAmbiguous) {
  folder.write("base/twice.yaml", "recipe: 1\npasses:\n- a: {}\n- quantize: {}\n- quantize: {}\n");
  EXPECT_EQ(messages("recipe: 1\nextends: base/twice.yaml\npasses:\n- quantize: {x: 1}\n- b: {}\n"
                     "  after: quantize\n"),
            "mine.yaml:4:3: error: the base recipe has 2 steps 'quantize'; give them names there "
            "with 'as: NAME'\n"
            "mine.yaml:6:10: error: there are 2 steps 'quantize'; give them names with 'as: NAME'\n"
            "--set:1:1: error: the recipe has no parameter 'model'; it takes none\n");
}

TEST_F(Extends, ReportsThatNothingIsLeft) {
  folder.write("base/one.yaml", "recipe: 1\npasses:\n- a: {}\n");
  EXPECT_EQ(read("recipe: 1\nextends: base/one.yaml\npasses:\n- a: off\n", {}).messages,
            "mine.yaml:1:1: error: no step is left; a recipe has at least one\n");
}

TEST_F(Extends, ReportsABaseThatCannotBeRead) {
  EXPECT_EQ(messages("recipe: 1\nextends: base/lllm.yaml\n"),
            "mine.yaml:2:10: error: cannot read recipe 'base/lllm.yaml': No such file or "
            "directory\n");
  EXPECT_EQ(messages("recipe: 1\nextends: base\n"),
            "mine.yaml:2:10: error: cannot read recipe 'base': it is a folder\n");
  EXPECT_EQ(messages("recipe: 1\nextends: [base/llm.yaml]\n"),
            "mine.yaml:2:10: error: 'extends' must be the path of a recipe, relative to this one, "
            "not a list\n");
  EXPECT_EQ(messages("recipe: 1\nextends:\n"),
            "mine.yaml:2:1: error: 'extends' must be the path of a recipe, relative to this one, "
            "not nothing\n");
}

TEST_F(Extends, ReportsErrorsInTheBaseAtTheirPlace) {
  folder.write("base/wrong.yaml",
               "recipe: 1\nparameters: {a: {type: int, default: x}}\npasses:\n- a: "
               "{x: '${a}', y: '${b}'}\nnmae: x\n");
  EXPECT_EQ(read("recipe: 1\nextends: base/wrong.yaml\nfoo: 1\n", {}).messages,
            "mine.yaml:3:1: error: unknown key 'foo'; known: recipe, name, description, extends, "
            "parameters, plugins, passes\n"
            "base/wrong.yaml:5:1: error: unknown key 'nmae'; did you mean 'name'?\n"
            "base/wrong.yaml:2:38: error: parameter 'a' must be an integer, not 'x'\n"
            "base/wrong.yaml:4:22: error: no parameter 'b'; there are: a\n");
}

TEST_F(Extends, ReportsCircles) {
  folder.write("base/a.yaml", "recipe: 1\nextends: ../base/b.yaml\n");
  folder.write("base/b.yaml", "recipe: 1\nextends: ../mine.yaml\n");
  EXPECT_EQ(
      messages("recipe: 1\nextends: base/a.yaml\n"),
      "base/../base/b.yaml:2:10: error: 'extends' goes in a circle: mine.yaml -> base/a.yaml -> "
      "base/../base/b.yaml -> base/../base/../mine.yaml\n");
  EXPECT_EQ(messages("recipe: 1\nextends: ./mine.yaml\n"),
            "mine.yaml:2:10: error: 'extends' goes in a circle: mine.yaml -> mine.yaml\n");
}

TEST_F(Extends, EndsAChainThatIsTooLong) {
  for (int i = 0; i < 40; ++i)
    folder.write("r" + std::to_string(i) + ".yaml",
                 "recipe: 1\nextends: r" + std::to_string(i + 1) + ".yaml\n");
  EXPECT_EQ(messages("recipe: 1\nextends: r0.yaml\n"),
            "r30.yaml:2:10: error: more than 32 recipes extend each other\n");
}

} // namespace

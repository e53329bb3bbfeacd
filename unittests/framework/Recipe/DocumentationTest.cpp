// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The recipes in docs/recipes.md are good ones, and the last does what the text says.

#include "RecipeFixture.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestPaths.h"

#include <map>

using namespace optrun;
using namespace optrun::test;

namespace {

/// The recipes in the documentation by the file name in their first line, "# name.yaml".
std::map<std::string, std::string> documentedRecipes() {
  std::string path = sourceDir() + "/docs/recipes.md";
  auto buffer = llvm::MemoryBuffer::getFile(path);
  EXPECT_TRUE(!!buffer) << path;
  std::map<std::string, std::string> recipes;
  llvm::StringRef rest = buffer ? (*buffer)->getBuffer() : "";
  while (true) {
    llvm::StringRef block = rest.split("```yaml\n").second;
    if (block.empty())
      return recipes;
    auto [text, after] = block.split("```\n");
    llvm::StringRef name = text.split('\n').first;
    EXPECT_TRUE(name.consume_front("# ")) << "a recipe starts with its file's name";
    recipes[name.str()] = text.str();
    rest = after;
  }
}

TEST(Documentation, ShowsRecipesThatCanBeRead) {
  std::map<std::string, std::string> recipes = documentedRecipes();
  ASSERT_EQ(recipes.size(), 4u);
  TemporaryFolder folder;
  for (const auto &[name, text] : recipes)
    folder.write(name, text);
  for (const auto &[name, text] : recipes) {
    ReadRecipe read(ReadRecipe::File{folder.path(name)}, {{"model", "m.onnx"}});
    EXPECT_EQ(read.messages, "") << name;
  }
  ReadRecipe phone(ReadRecipe::File{folder.path("phone.yaml")}, {{"model", "m.onnx"}});
  EXPECT_EQ(phone.steps(),
            "capture {model: m.onnx}\n"
            "strip-metadata {}\n"
            "split-by-count {splits: 4}\n"
            "export {output: out, link: hard}\n"
            "export (inline) {output: small, external-data: inline, overwrite: true}\n");
  ReadRecipe parameters(ReadRecipe::File{folder.path("parameters.yaml")}, {{"model", "m.onnx"}});
  EXPECT_EQ(parameters.recipe->passes.back().options.find("output")->scalar, "out-2-${literally}");
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The JSON Schema of recipes.

#include "RecipeFixture.h"

#include "llvm/Support/JSON.h"

using namespace optrun;
using namespace optrun::test;

namespace {

struct CaptureOptions {
  FilePath model;
  int64_t opset = 21;
  std::vector<int64_t> sizes;
  static void bind(OptionBinder<CaptureOptions> &bind) {
    bind.option("model", &CaptureOptions::model, "The model.").required();
    bind.option("opset", &CaptureOptions::opset, "The opset.").range(7, 30);
    bind.option("sizes", &CaptureOptions::sizes, "Sizes.");
  }
};

llvm::json::Value schema() {
  std::string text =
      recipeJsonSchema({{"capture", "Reads a model.", OptionSchema::of<CaptureOptions>()},
                        {"verify", "Checks.", OptionSchema()}});
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value) {
    ADD_FAILURE() << llvm::toString(value.takeError());
    return nullptr;
  }
  return *value;
}

/// What stands at a JSON pointer, compact; "nothing" when there is none.
std::string at(llvm::StringRef pointer) {
  llvm::json::Value root = schema();
  const llvm::json::Value *value = &root;
  llvm::SmallVector<llvm::StringRef> keys;
  pointer.ltrim('/').split(keys, '/');
  for (llvm::StringRef key : keys) {
    size_t index = 0;
    if (const llvm::json::Object *object = value->getAsObject())
      value = object->get(key);
    else if (const llvm::json::Array *array = value->getAsArray();
             array && !key.getAsInteger(10, index) && index < array->size())
      value = &(*array)[index];
    else
      value = nullptr;
    if (!value)
      return "nothing";
  }
  return llvm::formatv("{0}", *value);
}

TEST(RecipeJsonSchema, IsADraft2020Schema) {
  EXPECT_EQ(at("/$schema"), R"("https://json-schema.org/draft/2020-12/schema")");
  EXPECT_EQ(at("/additionalProperties"), "false");
  EXPECT_EQ(at("/required"), R"(["recipe"])");
  EXPECT_EQ(at("/properties/recipe/const"), "1");
}

TEST(RecipeJsonSchema, KnowsExactlyTheKeysThatTheReaderKnows) {
  llvm::json::Value root = schema();
  std::vector<std::string> keys;
  for (const auto &[key, value] : *root.getAsObject()->getObject("properties"))
    keys.push_back(key.str());
  llvm::sort(keys);
  EXPECT_THAT(keys, testing::ElementsAre("description", "extends", "name", "parameters", "passes",
                                         "plugins", "recipe"));
}

TEST(RecipeJsonSchema, DescribesEachPass) {
  EXPECT_EQ(at("/properties/passes/items/properties/capture"),
            R"({"anyOf":[{"$ref":"#/$defs/pass-capture"},{"type":"null"},{"$ref":"#/$defs/off"}],)"
            R"("description":"Reads a model."})");
  EXPECT_EQ(at("/$defs/pass-capture/additionalProperties"), "false");
  EXPECT_EQ(at("/$defs/pass-verify/properties"), "{}");
}

TEST(RecipeJsonSchema, AllowsParametersWhereTypesWouldRefuseTheirText) {
  EXPECT_EQ(
      at("/$defs/pass-capture/properties/opset/anyOf"),
      R"([{"maximum":30,"minimum":7,"type":"integer"},{"$ref":"#/$defs/parameter-reference"}])");
  EXPECT_EQ(at("/$defs/pass-capture/properties/sizes/anyOf/0/items/anyOf"),
            R"([{"type":"integer"},{"$ref":"#/$defs/parameter-reference"}])");
  EXPECT_EQ(at("/$defs/pass-capture/properties/model/anyOf"), "nothing"); // any text will do
  EXPECT_EQ(at("/$defs/parameter-reference/pattern"), R"("\\$\\{[A-Za-z_][A-Za-z0-9_-]*\\}")");
}

TEST(RecipeJsonSchema, RequiresOptionsOnlyWithoutABase) {
  EXPECT_EQ(at("/$defs/pass-capture/required"), "nothing");
  EXPECT_EQ(at("/allOf/0/if"), R"({"not":{"required":["extends"]}})");
  EXPECT_EQ(at("/allOf/0/then/required"), R"(["passes"])");
  EXPECT_EQ(at("/allOf/0/then/properties/passes/items/properties/capture/required"),
            R"(["model"])");
}

TEST(RecipeJsonSchema, KnowsThePassesUnlessThereArePlugins) {
  EXPECT_EQ(at("/allOf/1/if"), R"({"not":{"required":["plugins"]}})");
  EXPECT_EQ(at("/allOf/1/then/properties/passes/items/propertyNames/enum"),
            R"(["capture","verify","as","before","after"])");
}

TEST(RecipeJsonSchema, RefersToDefinitionsThatAreThere) {
  std::string text = recipeJsonSchema({{"capture", "", OptionSchema::of<CaptureOptions>()}});
  size_t count = 0;
  for (size_t i = 0; (i = text.find("#/$defs/", i)) != std::string::npos; ++i, ++count) {
    std::string name = text.substr(i + 8, text.find('"', i) - i - 8);
    EXPECT_NE(at("/$defs/" + name), "nothing") << name;
  }
  EXPECT_GE(count, 4u);
}

} // namespace

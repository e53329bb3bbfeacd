// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The JSON Schema of options.

#include "OptionsFixture.h"

#include "llvm/Support/JSON.h"

using namespace optrun;
using namespace optrun::test;

namespace {

template <typename T> llvm::json::Object schemaOf() {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(OptionSchema::of<T>().jsonSchema());
  if (!value || !value->getAsObject()) {
    ADD_FAILURE() << "no JSON object: " << llvm::toString(value.takeError());
    return {};
  }
  return *value->getAsObject();
}

/// The schema of one option as compact JSON, keys sorted, without the description.
template <typename T> std::string schemaOf(llvm::StringRef option) {
  llvm::json::Object schema = schemaOf<T>();
  llvm::json::Object *properties = schema.getObject("properties");
  llvm::json::Object *object = properties ? properties->getObject(option) : nullptr;
  if (!object)
    return "not there";
  EXPECT_TRUE(object->getString("description").has_value());
  object->erase("description");
  return llvm::formatv("{0}", llvm::json::Value(std::move(*object)));
}

TEST(OptionJsonSchema, DescribesEachType) {
  EXPECT_EQ(schemaOf<AllTypes>("flag"), R"({"default":false,"type":"boolean"})");
  EXPECT_EQ(schemaOf<AllTypes>("count"),
            R"({"default":3,"maximum":65536,"minimum":1,"type":"integer"})");
  EXPECT_EQ(schemaOf<AllTypes>("small"),
            R"({"default":4,"maximum":255,"minimum":0,"type":"integer"})");
  EXPECT_EQ(schemaOf<AllTypes>("ratio"),
            R"({"default":0.5,"exclusiveMinimum":0,"maximum":1,"type":"number"})");
  EXPECT_EQ(schemaOf<AllTypes>("text"),
            R"({"default":"auto","minLength":1,"type":["string","number","boolean"]})");
  EXPECT_EQ(schemaOf<AllTypes>("path"), R"({"default":"","type":["string","number","boolean"]})");
  EXPECT_EQ(schemaOf<AllTypes>("balance"), R"({"default":"bytes","enum":["layers","bytes"]})");
  EXPECT_EQ(schemaOf<AllTypes>("maybe"),
            R"({"anyOf":[{"minimum":0,"type":"integer"},{"type":"null"}]})");
  EXPECT_EQ(schemaOf<AllTypes>("names"),
            R"({"default":["all"],"items":{"minLength":1,"type":["string","number","boolean"]},)"
            R"("minItems":1,"type":"array"})");
  EXPECT_EQ(schemaOf<AllTypes>("maybe-list"),
            R"({"anyOf":[{"items":{"enum":[1,2,4,8]},"type":"array"},{"type":"null"}]})");
}

TEST(OptionJsonSchema, GivesSizesAPattern) {
  std::string size = schemaOf<AllTypes>("size");
  EXPECT_THAT(size, testing::HasSubstr(R"("default":"1MB")"));
  EXPECT_THAT(size, testing::HasSubstr(R"("minimum":1000)"));
  EXPECT_THAT(size, testing::HasSubstr(R"("type":["integer","string"])"));
  EXPECT_THAT(size,
              testing::HasSubstr(R"("pattern":"^[0-9]+(\\.[0-9]+)?( *([KkMmGgTt][Ii]?)?B)?$")"));
}

TEST(OptionJsonSchema, KnowsNoOtherKeysAndWhatIsRequired) {
  llvm::json::Object schema = schemaOf<ExportOptions>();
  EXPECT_EQ(schema.getString("type"), "object");
  EXPECT_EQ(schema.getBoolean("additionalProperties"), false);
  ASSERT_TRUE(schema.getArray("required"));
  EXPECT_EQ(*schema.getArray("required"), (llvm::json::Array{"output", "opset"}));
  EXPECT_FALSE(schemaOf<AllTypes>().get("required"));
}

TEST(OptionJsonSchema, NestsStructs) {
  llvm::json::Object schema = schemaOf<SplitOptions>();
  llvm::json::Object *items =
      schema.getObject("properties")->getObject("devices")->getObject("items");
  ASSERT_TRUE(items);
  EXPECT_EQ(items->getString("type"), "object");
  EXPECT_EQ(*items->getArray("required"), (llvm::json::Array{"name", "memory"}));
  EXPECT_TRUE(items->getObject("properties")->getObject("flops"));
}

TEST(OptionJsonSchema, TakesEnumerationsThatReadAsOtherTypes) {
  enum class Use { Auto, Yes, Four };
  struct Options {
    Use use = Use::Auto;
    static void bind(OptionBinder<Options> &bind) {
      bind.option("use", &Options::use, "When.")
          .values({{"auto", Use::Auto}, {"true", Use::Yes}, {"4", Use::Four}});
    }
  };
  EXPECT_EQ(schemaOf<Options>("use"), R"({"default":"auto","enum":["auto","true",true,"4",4]})");
  EXPECT_EQ(Read<Options>("use: true").options.use, Use::Yes);
  EXPECT_EQ(Read<Options>("use: 4").options.use, Use::Four);
}

} // namespace

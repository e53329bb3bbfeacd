// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Options as JSON Schema (draft 2020-12).

#include "Options/OptionJsonSchema.h"

#include "Options/Scalars.h"
#include "Options/SchemaData.h"

#include "optrun/Options/ConfigPrinter.h"

namespace optrun {
namespace {

using detail::FieldType;
using detail::NamedValue;
using detail::OptionSpec;
using detail::SchemaData;

class SchemaWriter {
public:
  SchemaWriter(const JsonSchemaStyle &style, llvm::json::OStream &json)
      : style(style), json(json) {}

  void writeStruct(const SchemaData &schema, bool partial);

private:
  void writeOption(const OptionSpec &option, const void *defaults);
  void writeType(const OptionSpec &option, const FieldType &type);
  void writeLimits(const OptionSpec &option);
  void writeValues(const OptionSpec &option);
  void writeTypes(std::initializer_list<llvm::StringRef> names) {
    json.attributeArray("type", [&] {
      for (llvm::StringRef name : names)
        json.value(name);
    });
  }
  /// {"anyOf": [<the type>, {"$ref": …}]} where a parameter may stand for the value and the type
  /// itself does not admit its text.
  void writeWithParameter(const OptionSpec &option, const FieldType &type);

  const JsonSchemaStyle &style;
  llvm::json::OStream &json;
};

void SchemaWriter::writeLimits(const OptionSpec &option) {
  if (std::optional<int64_t> least = detail::leastInteger(option))
    json.attribute("minimum", *least);
  if (std::optional<int64_t> most = detail::greatestInteger(option))
    json.attribute("maximum", *most);
}

void SchemaWriter::writeValues(const OptionSpec &option) {
  json.attributeArray("enum", [&] {
    for (const NamedValue &value : option.values) {
      if (option.leaf().kind == FieldType::Kind::Int) {
        json.value(value.value);
        continue;
      }
      json.value(value.name);
      // Editors read a plain true or 4 as boolean and number; we take them by their text.
      if (value.name == "true" || value.name == "false")
        json.value(value.name == "true");
      else if (looksLikeInteger(value.name))
        json.rawValue(value.name);
    }
  });
}

void SchemaWriter::writeType(const OptionSpec &option, const FieldType &type) {
  if (!option.values.empty() && !type.element) {
    writeValues(option);
    return;
  }
  switch (type.kind) {
  case FieldType::Kind::Bool:
    json.attribute("type", "boolean");
    break;
  case FieldType::Kind::Int:
    json.attribute("type", "integer");
    writeLimits(option);
    break;
  case FieldType::Kind::Float:
    json.attribute("type", "number");
    if (option.floatMinimum)
      json.attribute(option.exclusiveMinimum ? "exclusiveMinimum" : "minimum",
                     *option.floatMinimum);
    if (option.floatMaximum)
      json.attribute("maximum", *option.floatMaximum);
    break;
  case FieldType::Kind::Size:
    writeTypes({"integer", "string"});
    json.attribute("pattern", byteSizePattern);
    if (!detail::leastInteger(option))
      json.attribute("minimum", 0);
    writeLimits(option);
    break;
  case FieldType::Kind::Text:
  case FieldType::Kind::Path:
    // Any scalar is a text as it is written: `block: 12` needs no quotes.
    writeTypes({"string", "number", "boolean"});
    if (option.nonEmpty)
      json.attribute("minLength", 1);
    break;
  case FieldType::Kind::List:
    json.attribute("type", "array");
    if (option.nonEmpty)
      json.attribute("minItems", 1);
    json.attributeObject("items", [&] { writeWithParameter(option, *type.element); });
    break;
  case FieldType::Kind::Struct:
    writeStruct(SchemaData::of(type.schema()), /*partial=*/false);
    break;
  case FieldType::Kind::Enum:
  case FieldType::Kind::Optional:
    break;
  }
}

void SchemaWriter::writeWithParameter(const OptionSpec &option, const FieldType &type) {
  const FieldType &inner = type.kind == FieldType::Kind::Optional ? *type.element : type;
  bool mayBeNull = &inner != &type;
  bool isText = inner.kind == FieldType::Kind::Text || inner.kind == FieldType::Kind::Path;
  bool addParameter = !style.parameterReference.empty() && !isText;
  if (!mayBeNull && !addParameter) {
    writeType(option, inner);
    return;
  }
  json.attributeArray("anyOf", [&] {
    json.object([&] { writeType(option, inner); });
    if (mayBeNull)
      json.object([&] { json.attribute("type", "null"); });
    if (addParameter)
      json.object([&] { json.attribute("$ref", style.parameterReference); });
  });
}

void SchemaWriter::writeOption(const OptionSpec &option, const void *defaults) {
  std::string description = option.help;
  for (const NamedValue &value : option.values)
    if (!value.help.empty())
      description += "\n" + value.name + ": " + value.help;
  json.attribute("description", llvm::json::fixUTF8(description));
  if (!option.required) {
    ConfigNode value = writeValue(option, *option.type, option.field(defaults));
    if (value.kind != ConfigNode::Kind::Null) {
      json.attributeBegin("default");
      json.rawValue(toJson(value));
      json.attributeEnd();
    }
  }
  writeWithParameter(option, *option.type);
}

void SchemaWriter::writeStruct(const SchemaData &schema, bool partial) {
  std::shared_ptr<void> defaults = schema.create();
  json.attribute("type", "object");
  json.attribute("additionalProperties", false);
  json.attributeObject("properties", [&] {
    for (const OptionSpec &option : schema.options)
      json.attributeObject(option.name, [&] { writeOption(option, defaults.get()); });
  });
  std::vector<llvm::StringRef> required;
  for (const OptionSpec &option : schema.options)
    if (option.required && !partial)
      required.push_back(option.name);
  if (required.empty())
    return;
  json.attributeArray("required", [&] {
    for (llvm::StringRef name : required)
      json.value(name);
  });
}

} // namespace

void writeJsonSchema(const OptionSchema &schema, const JsonSchemaStyle &style,
                     llvm::json::OStream &json) {
  json.object(
      [&] { SchemaWriter(style, json).writeStruct(SchemaData::of(schema), style.partial); });
}

std::vector<std::string> requiredOptions(const OptionSchema &schema) {
  std::vector<std::string> names;
  for (const OptionSpec &option : SchemaData::of(schema).options)
    if (option.required)
      names.push_back(option.name);
  return names;
}

std::string OptionSchema::jsonSchema() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os, /*IndentSize=*/2);
  writeJsonSchema(*this, {}, json);
  return text;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Typed fields back into configuration nodes.

#include "Options/Scalars.h"
#include "Options/SchemaData.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun::detail {
namespace {

ConfigNode scalar(std::string text, bool quoted) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::Scalar;
  node.scalar = std::move(text);
  node.quoted = quoted;
  return node;
}

std::string nameOfValue(const OptionSpec &option, int64_t value) {
  for (const NamedValue &each : option.values)
    if (each.value == value)
      return each.name;
  return std::to_string(value); // a default that values() does not name
}

} // namespace

ConfigNode writeValue(const OptionSpec &option, const FieldType &type, const void *field) {
  switch (type.kind) {
  case FieldType::Kind::Bool:
    return scalar(*static_cast<const bool *>(field) ? "true" : "false", false);
  case FieldType::Kind::Int:
    return scalar(std::to_string(type.load(field)), false);
  case FieldType::Kind::Float:
    return scalar(printFloat(*static_cast<const double *>(field)), false);
  case FieldType::Kind::Text:
    return scalar(*static_cast<const std::string *>(field), true);
  case FieldType::Kind::Path:
    return scalar(static_cast<const FilePath *>(field)->path, true);
  case FieldType::Kind::Size: {
    std::string text = printByteSize(*static_cast<const ByteSize *>(field));
    bool hasUnit = !llvm::all_of(text, llvm::isDigit);
    return scalar(std::move(text), hasUnit);
  }
  case FieldType::Kind::Enum:
    return scalar(nameOfValue(option, type.load(field)), true);
  case FieldType::Kind::Struct:
    return writeOptions(SchemaData::of(type.schema()), field);
  case FieldType::Kind::Optional:
    if (type.size(field) == 0)
      return ConfigNode();
    return writeValue(option, *type.element, type.at(field, 0));
  case FieldType::Kind::List: {
    ConfigNode list;
    list.kind = ConfigNode::Kind::Sequence;
    for (size_t index = 0; index < type.size(field); ++index)
      list.items.push_back(writeValue(option, *type.element, type.at(field, index)));
    return list;
  }
  }
  return ConfigNode();
}

ConfigNode writeOptions(const SchemaData &schema, const void *object) {
  ConfigNode mapping;
  mapping.kind = ConfigNode::Kind::Mapping;
  for (const OptionSpec &option : schema.options) {
    ConfigNode value = writeValue(option, *option.type, option.field(object));
    if (value.kind != ConfigNode::Kind::Null)
      mapping.entries.push_back({option.name, {}, std::move(value)});
  }
  return mapping;
}

} // namespace optrun::detail

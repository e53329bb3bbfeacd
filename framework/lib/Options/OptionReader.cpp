// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Configuration nodes into typed fields, with every problem reported.

#include "Options/Scalars.h"
#include "Options/SchemaData.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <limits>

namespace optrun::detail {
namespace {

class OptionReader {
public:
  OptionReader(const OptionSpec &option, std::string name, Diagnostics &diagnostics)
      : option(option), name(std::move(name)), diagnostics(diagnostics) {}

  bool read(const ConfigNode &node, const FieldType &type, void *field);

private:
  bool error(const ConfigNode &node, const llvm::Twine &message) {
    diagnostics.error(node.location(), "'" + name + "' " + message);
    return false;
  }
  /// Takes the value or reports the error.
  template <typename T> bool take(const ConfigNode &node, llvm::Expected<T> value, T &result) {
    if (!value)
      return error(node, llvm::toString(value.takeError()));
    result = std::move(*value);
    return true;
  }

  bool readLimited(const ConfigNode &node, const FieldType &type, void *field);
  bool readEnum(const ConfigNode &node, const FieldType &type, void *field);
  bool readList(const ConfigNode &node, const FieldType &type, void *field);
  bool checkLimits(const ConfigNode &node, int64_t value);

  const OptionSpec &option;
  std::string name;
  Diagnostics &diagnostics;
};

std::string quotedList(llvm::ArrayRef<NamedValue> values) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i)
    text += (i == 0 ? "" : i + 1 == values.size() ? " or " : ", ") + values[i].name;
  return text;
}

bool OptionReader::read(const ConfigNode &node, const FieldType &type, void *field) {
  if (node.kind == ConfigNode::Kind::Error)
    return false;
  if (type.kind == FieldType::Kind::Optional) {
    type.clear(field);
    return node.kind == ConfigNode::Kind::Null || read(node, *type.element, type.append(field));
  }
  if (node.kind == ConfigNode::Kind::Null && type.kind != FieldType::Kind::Struct)
    return error(node, "needs a value");

  switch (type.kind) {
  case FieldType::Kind::Bool:
    return take(node, readBool(node), *static_cast<bool *>(field));
  case FieldType::Kind::Int:
  case FieldType::Kind::Float:
  case FieldType::Kind::Size:
    return readLimited(node, type, field);
  case FieldType::Kind::Text:
  case FieldType::Kind::Path: {
    bool isPath = type.kind == FieldType::Kind::Path;
    std::string &text =
        isPath ? static_cast<FilePath *>(field)->path : *static_cast<std::string *>(field);
    if (!take(node, isPath ? readPath(node) : readText(node), text))
      return false;
    return !option.nonEmpty || !text.empty() || error(node, "must not be empty");
  }
  case FieldType::Kind::Enum:
    return readEnum(node, type, field);
  case FieldType::Kind::List:
    return readList(node, type, field);
  case FieldType::Kind::Struct:
    return readOptions(SchemaData::of(type.schema()), node, field, name + ".", diagnostics);
  case FieldType::Kind::Optional:
    break;
  }
  return false;
}

bool OptionReader::readLimited(const ConfigNode &node, const FieldType &type, void *field) {
  if (type.kind == FieldType::Kind::Float) {
    double value = 0;
    if (!take(node, readFloat(node), value))
      return false;
    bool inside =
        (!option.floatMinimum || (option.exclusiveMinimum ? value > *option.floatMinimum
                                                          : value >= *option.floatMinimum)) &&
        (!option.floatMaximum || value <= *option.floatMaximum);
    if (!inside)
      return error(node, "must be " + describeLimits(option) + ", not " + node.scalar);
    *static_cast<double *>(field) = value;
    return true;
  }
  if (type.kind == FieldType::Kind::Size) {
    ByteSize size;
    if (!take(node, readByteSize(node), size))
      return false;
    constexpr uint64_t most = std::numeric_limits<int64_t>::max();
    if (!checkLimits(node, static_cast<int64_t>(std::min(size.bytes, most))))
      return false;
    *static_cast<ByteSize *>(field) = size;
    return true;
  }
  int64_t value = 0;
  if (!take(node, readInteger(node), value) || !checkLimits(node, value))
    return false;
  type.store(field, value);
  return true;
}

bool OptionReader::checkLimits(const ConfigNode &node, int64_t value) {
  if (!option.values.empty() &&
      llvm::none_of(option.values, [&](const NamedValue &each) { return each.value == value; }))
    return error(node, "must be " + quotedList(option.values) + ", not " + node.scalar);
  std::optional<int64_t> least = leastInteger(option), most = greatestInteger(option);
  if ((least && value < *least) || (most && value > *most))
    return error(node, "must be " + describeLimits(option) + ", not " + node.scalar);
  return true;
}

bool OptionReader::readEnum(const ConfigNode &node, const FieldType &type, void *field) {
  if (node.kind != ConfigNode::Kind::Scalar)
    return error(node, "must be " + quotedList(option.values) + ", not " + describeNode(node));
  std::vector<std::string> names;
  for (const NamedValue &each : option.values) {
    if (each.name == node.scalar) {
      type.store(field, each.value);
      return true;
    }
    names.push_back(each.name);
  }
  std::string suggestion = suggestName(node.scalar, names);
  return error(node, "must be " + quotedList(option.values) + ", not " + describeNode(node) +
                         (suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?"));
}

bool OptionReader::readList(const ConfigNode &node, const FieldType &type, void *field) {
  if (node.kind == ConfigNode::Kind::Scalar)
    return error(node, "must be a list; write [" + node.scalar + "]");
  if (node.kind != ConfigNode::Kind::Sequence)
    return error(node, "must be a list, not " + describeNode(node));
  type.clear(field);
  if (option.nonEmpty && node.items.empty())
    return error(node, "must not be empty");
  bool good = true;
  for (size_t index = 0; index < node.items.size(); ++index) {
    OptionReader element(option, name + "[" + std::to_string(index) + "]", diagnostics);
    good &= element.read(node.items[index], *type.element, type.append(field));
  }
  return good;
}

const OptionSpec *findOption(const SchemaData &schema, llvm::StringRef name) {
  auto found =
      llvm::find_if(schema.options, [&](const OptionSpec &option) { return option.name == name; });
  return found == schema.options.end() ? nullptr : &*found;
}

void reportUnknown(const SchemaData &schema, const ConfigEntry &entry, const std::string &path,
                   Diagnostics &diagnostics) {
  std::vector<std::string> names;
  for (const OptionSpec &option : schema.options)
    names.push_back(option.name);
  std::string suggestion = suggestName(entry.key, names);
  std::string hint;
  if (!suggestion.empty())
    hint = "; did you mean '" + suggestion + "'?";
  else if (names.empty())
    hint = "; there are none here";
  else
    hint = "; known: " + llvm::join(names, ", ");
  diagnostics.error(entry.keyRange.Start, "unknown option '" + path + entry.key + "'" + hint);
}

/// A value that stands elsewhere (the default of a parameter, --set) was reported there: say where
/// it is used.
void noteUse(const ConfigEntry &entry, Diagnostics &diagnostics) {
  llvm::SMLoc key = entry.keyRange.Start, value = entry.value.location();
  if (!key.isValid() || !value.isValid())
    return;
  llvm::SourceMgr &sources = diagnostics.sources();
  bool elsewhere = value.getPointer() < key.getPointer() ||
                   sources.FindBufferContainingLoc(key) != sources.FindBufferContainingLoc(value);
  if (elsewhere)
    diagnostics.note(key, "used for option '" + entry.key + "' here");
}

bool holdsAll(const OptionSpec &option, const ConfigEntry &entry, const void *field,
              const std::string &path, Diagnostics &diagnostics) {
  bool good = true;
  for (const Condition &condition : option.conditions)
    if (!condition.holds(field)) {
      diagnostics.error(entry.value.location(),
                        "'" + path + option.name + "' " + condition.message);
      good = false;
    }
  return good;
}

} // namespace

bool readOptions(const SchemaData &schema, const ConfigNode &node, void *object,
                 const std::string &path, Diagnostics &diagnostics) {
  if (node.kind == ConfigNode::Kind::Error)
    return false;
  if (node.kind != ConfigNode::Kind::Mapping && node.kind != ConfigNode::Kind::Null) {
    diagnostics.error(node.location(),
                      (path.empty() ? "options" : "'" + path.substr(0, path.size() - 1) + "'") +
                          " must be a mapping of names to values, not " + describeNode(node));
    return false;
  }
  bool good = true;
  for (const ConfigEntry &entry : node.entries) {
    const OptionSpec *option = findOption(schema, entry.key);
    if (!option) {
      reportUnknown(schema, entry, path, diagnostics);
      good = false;
      continue;
    }
    void *field = option->field(object);
    OptionReader reader(*option, path + option->name, diagnostics);
    unsigned before = diagnostics.errorCount();
    bool read = reader.read(entry.value, *option->type, field) &&
                holdsAll(*option, entry, field, path, diagnostics);
    if (diagnostics.errorCount() > before)
      noteUse(entry, diagnostics);
    good &= read;
  }
  for (const OptionSpec &option : schema.options)
    if (option.required && !node.find(option.name)) {
      diagnostics.error(node.location(), "missing required option '" + path + option.name + "'");
      good = false;
    }
  if (!good)
    return false;
  for (const Condition &condition : schema.conditions)
    if (!condition.holds(object)) {
      const ConfigNode *value = condition.option.empty() ? nullptr : node.find(condition.option);
      diagnostics.error(value ? value->location() : node.location(), condition.message);
      good = false;
    }
  return good;
}

} // namespace optrun::detail

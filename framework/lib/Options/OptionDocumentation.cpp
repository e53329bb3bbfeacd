// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Options described for people: on a terminal and as Markdown.

#include "Options/Scalars.h"
#include "Options/SchemaData.h"

#include "optrun/Options/ConfigPrinter.h"

#include "llvm/ADT/StringExtras.h"

#include <limits>

namespace optrun {
namespace detail {
namespace {

llvm::StringRef nameOfKind(FieldType::Kind kind, bool plural) {
  switch (kind) {
  case FieldType::Kind::Bool:
    return plural ? "booleans" : "boolean";
  case FieldType::Kind::Int:
    return plural ? "integers" : "integer";
  case FieldType::Kind::Float:
    return plural ? "numbers" : "number";
  case FieldType::Kind::Text:
    return plural ? "texts" : "text";
  case FieldType::Kind::Size:
    return plural ? "sizes" : "size";
  case FieldType::Kind::Path:
    return plural ? "paths" : "path";
  case FieldType::Kind::Struct:
    return plural ? "mappings" : "mapping";
  case FieldType::Kind::List:
    return plural ? "lists" : "list";
  case FieldType::Kind::Enum:
  case FieldType::Kind::Optional:
    break;
  }
  return "";
}

std::string limitText(const OptionSpec &option, int64_t value) {
  if (option.leaf().kind == FieldType::Kind::Size)
    return printByteSize(ByteSize{static_cast<uint64_t>(value)});
  return std::to_string(value);
}

} // namespace

std::optional<int64_t> leastInteger(const OptionSpec &option) {
  const FieldType &type = option.leaf();
  std::optional<int64_t> least = option.minimum;
  if (type.kind == FieldType::Kind::Int && type.lowest != std::numeric_limits<int64_t>::min())
    least = std::max(least.value_or(type.lowest), type.lowest);
  return least;
}

std::optional<int64_t> greatestInteger(const OptionSpec &option) {
  const FieldType &type = option.leaf();
  std::optional<int64_t> most = option.maximum;
  if (type.kind == FieldType::Kind::Int && type.highest != std::numeric_limits<int64_t>::max())
    most = std::min(most.value_or(type.highest), type.highest);
  return most;
}

std::string describeLimits(const OptionSpec &option) {
  std::string least, most;
  if (option.leaf().kind == FieldType::Kind::Float) {
    if (option.floatMinimum)
      least = printFloat(*option.floatMinimum);
    if (option.floatMaximum)
      most = printFloat(*option.floatMaximum);
    if (option.exclusiveMinimum)
      return "greater than " + least + (most.empty() ? "" : " and at most " + most);
  } else {
    if (std::optional<int64_t> value = leastInteger(option))
      least = limitText(option, *value);
    if (std::optional<int64_t> value = greatestInteger(option))
      most = limitText(option, *value);
  }
  if (!least.empty() && !most.empty())
    return "between " + least + " and " + most;
  if (!least.empty())
    return "at least " + least;
  return most.empty() ? "" : "at most " + most;
}

std::string describeType(const OptionSpec &option) {
  const FieldType *type = option.type;
  std::string text;
  bool plural = false;
  while (type->element) {
    if (type->kind == FieldType::Kind::List) {
      text += plural ? "lists of " : "list of ";
      plural = true;
    }
    type = type->element;
  }
  if (!option.values.empty()) {
    std::vector<std::string> names;
    for (const NamedValue &value : option.values)
      names.push_back(value.name);
    return text + llvm::join(names, " | ");
  }
  text += nameOfKind(type->kind, plural);
  std::string limits = describeLimits(option);
  if (option.leaf().kind == FieldType::Kind::Int && !option.minimum && !option.maximum)
    limits.clear(); // what the C++ type can hold is of no interest
  return text + (limits.empty() ? "" : ", " + limits);
}

std::string describeDefault(const OptionSpec &option, const void *defaults) {
  if (option.required || option.type->kind == FieldType::Kind::Struct)
    return "";
  ConfigNode value = writeValue(option, *option.type, option.field(defaults));
  bool nothing = value.scalar.empty() && value.items.empty() && value.entries.empty();
  return nothing ? "" : toFlowYaml(value);
}

namespace {

std::string describeProperties(const OptionSpec &option, const void *defaults) {
  std::string text = describeType(option);
  if (option.required)
    return text + " (required)";
  std::string value = describeDefault(option, defaults);
  return text + (value.empty() ? "" : " (default: " + value + ")");
}

void printWrapped(llvm::StringRef text, unsigned indent, unsigned hanging, unsigned width,
                  llvm::raw_ostream &os) {
  unsigned column = 0;
  llvm::SmallVector<llvm::StringRef> words;
  llvm::SplitString(text, words, " \n");
  for (llvm::StringRef word : words) {
    if (column == 0) {
      os.indent(indent) << word;
      column = indent + static_cast<unsigned>(word.size());
    } else if (column + 1 + word.size() > width) {
      os << '\n';
      os.indent(hanging) << word;
      column = hanging + static_cast<unsigned>(word.size());
    } else {
      os << ' ' << word;
      column += 1 + static_cast<unsigned>(word.size());
    }
  }
  if (column != 0)
    os << '\n';
}

void describeOptions(const SchemaData &schema, llvm::raw_ostream &os, unsigned indent,
                     unsigned width) {
  std::shared_ptr<void> defaults = schema.create();
  for (const OptionSpec &option : schema.options) {
    printWrapped(option.name + ": " + describeProperties(option, defaults.get()), indent,
                 indent + 4, width, os);
    printWrapped(option.help, indent + 4, indent + 4, width, os);
    for (const NamedValue &value : option.values)
      if (!value.help.empty())
        printWrapped(value.name + ": " + value.help, indent + 6, indent + 8, width, os);
    if (option.leaf().kind == FieldType::Kind::Struct)
      describeOptions(SchemaData::of(option.leaf().schema()), os, indent + 4, width);
  }
}

std::string cell(llvm::StringRef text) {
  std::string result;
  for (char c : text)
    result += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  return result;
}

std::string code(llvm::StringRef text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

void printMarkdownTable(const SchemaData &schema, llvm::StringRef path, llvm::raw_ostream &os) {
  std::shared_ptr<void> defaults = schema.create();
  os << "| Option | Type | Default | Meaning |\n|---|---|---|---|\n";
  for (const OptionSpec &option : schema.options) {
    std::string type = describeType(option);
    std::string value = code(describeDefault(option, defaults.get()));
    std::string meaning = cell(option.help);
    for (const NamedValue &each : option.values)
      if (!each.help.empty())
        meaning += "<br>" + code(each.name) + ": " + cell(each.help);
    os << "| " << code(option.name) << " | " << (option.values.empty() ? cell(type) : code(type))
       << " | " << (option.required ? "required" : value) << " | " << meaning << " |\n";
  }
  for (const OptionSpec &option : schema.options) {
    if (option.leaf().kind != FieldType::Kind::Struct)
      continue;
    std::string nested = (path + option.name).str();
    bool isList = option.type->kind == FieldType::Kind::List ||
                  (option.type->element && option.type->element->kind == FieldType::Kind::List);
    os << '\n' << (isList ? "Each element of " : "In ") << code(nested) << ":\n\n";
    printMarkdownTable(SchemaData::of(option.leaf().schema()), nested + ".", os);
  }
}

} // namespace
} // namespace detail

void OptionSchema::describe(llvm::raw_ostream &os, unsigned width) const {
  if (empty())
    os << "  This pass has no options.\n";
  detail::describeOptions(*data, os, 2, width);
}

void OptionSchema::printMarkdown(llvm::raw_ostream &os) const {
  if (empty())
    os << "This pass has no options.\n";
  else
    detail::printMarkdownTable(*data, "", os);
}

} // namespace optrun

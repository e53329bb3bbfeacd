// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Building a schema from what bind() declares, and the entry points of OptionSchema.

#include "Options/SchemaData.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <stdexcept>

namespace optrun {
namespace detail {
namespace {

[[noreturn]] void wrongBinding(const llvm::Twine &message) {
  throw std::logic_error("options: " + message.str());
}

bool isKebabCase(llvm::StringRef name) {
  return !name.empty() && llvm::isAlpha(name.front()) && name.back() != '-' &&
         llvm::all_of(
             name, [](char c) { return (c >= 'a' && c <= 'z') || llvm::isDigit(c) || c == '-'; });
}

void checkOption(const OptionSpec &option) {
  if (option.leaf().kind == FieldType::Kind::Enum && option.values.empty())
    wrongBinding("'" + option.name + "' is an enumeration without values()");
  if (option.minimum && option.maximum && *option.minimum > *option.maximum)
    wrongBinding("'" + option.name + "' has a minimum greater than its maximum");
}

} // namespace

SchemaBuilder::SchemaBuilder(size_t objectSize, std::shared_ptr<void> (*create)())
    : data(std::make_shared<SchemaData>()) {
  data->objectSize = objectSize;
  data->create = create;
}

SchemaBuilder::~SchemaBuilder() = default;

OptionSpec &SchemaBuilder::add(llvm::StringRef name, const FieldType &type, size_t offset,
                               llvm::StringRef help) {
  if (!isKebabCase(name))
    wrongBinding("'" + name + "' is no kebab-case name");
  if (llvm::any_of(data->options, [&](const OptionSpec &option) { return option.name == name; }))
    wrongBinding("'" + name + "' is declared twice");
  OptionSpec &option = data->options.emplace_back();
  option.name = name;
  option.help = help;
  option.type = &type;
  option.offset = offset;
  return option;
}

void SchemaBuilder::check(std::function<bool(const void *)> holds, llvm::StringRef message,
                          llvm::StringRef option) {
  data->conditions.push_back({std::move(holds), message.str(), option.str()});
}

OptionSchema SchemaBuilder::finish() {
  llvm::for_each(data->options, checkOption);
  return OptionSchema(std::move(data));
}

void setRequired(OptionSpec &option) { option.required = true; }
void setNonEmpty(OptionSpec &option) { option.nonEmpty = true; }
void setMinimum(OptionSpec &option, int64_t value) { option.minimum = value; }
void setMinimum(OptionSpec &option, double value, bool exclusive) {
  option.floatMinimum = value;
  option.exclusiveMinimum = exclusive;
}
void setMaximum(OptionSpec &option, int64_t value) { option.maximum = value; }
void setMaximum(OptionSpec &option, double value) { option.floatMaximum = value; }

void addValue(OptionSpec &option, llvm::StringRef name, int64_t value, llvm::StringRef help) {
  if (llvm::any_of(option.values, [&](const NamedValue &each) { return each.name == name; }))
    wrongBinding("'" + option.name + "' has two values '" + name + "'");
  option.values.push_back({name.str(), value, help.str()});
}

void addCheck(OptionSpec &option, std::function<bool(const void *)> holds,
              llvm::StringRef message) {
  option.conditions.push_back({std::move(holds), message.str(), {}});
}

const FieldType &OptionSpec::leaf() const {
  const FieldType *inner = type;
  while (inner->element)
    inner = inner->element;
  return *inner;
}

} // namespace detail

OptionSchema::OptionSchema() {
  static const auto none = [] {
    auto data = std::make_shared<detail::SchemaData>();
    data->create = []() -> std::shared_ptr<void> { return std::make_shared<char>(); };
    data->objectSize = 1;
    return data;
  }();
  data = none;
}

bool OptionSchema::parseInto(const ConfigNode &options, void *object, size_t size,
                             Diagnostics &diagnostics) const {
  assert(size == data->objectSize && "the schema was made of another type");
  (void)size;
  return detail::readOptions(*data, options, object, "", diagnostics);
}

ConfigNode OptionSchema::printFrom(const void *object, size_t size) const {
  assert(size == data->objectSize && "the schema was made of another type");
  (void)size;
  return detail::writeOptions(*data, object);
}

std::optional<ConfigNode> OptionSchema::resolve(const ConfigNode &options,
                                                Diagnostics &diagnostics) const {
  std::shared_ptr<void> object = data->create();
  if (!detail::readOptions(*data, options, object.get(), "", diagnostics))
    return std::nullopt;
  ConfigNode resolved = detail::writeOptions(*data, object.get());
  resolved.range = options.range;
  return resolved;
}

std::vector<std::string> OptionSchema::names() const {
  std::vector<std::string> names;
  for (const detail::OptionSpec &option : data->options)
    names.push_back(option.name);
  return names;
}

bool OptionSchema::empty() const { return data->options.empty(); }

} // namespace optrun

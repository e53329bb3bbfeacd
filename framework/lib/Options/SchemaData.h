// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a bind() declared, without types. Private to Options; its files each do one job with it:
/// OptionReader, OptionWriter, OptionDocumentation, OptionJsonSchema.

#ifndef OPTRUN_LIB_OPTIONS_SCHEMADATA_H
#define OPTRUN_LIB_OPTIONS_SCHEMADATA_H

#include "optrun/Options/Options.h"

namespace optrun::detail {

/// A value allowed by name: of an enumeration, or one of the integers allowed.
struct NamedValue {
  std::string name;
  int64_t value = 0;
  std::string help;
};

struct Condition {
  std::function<bool(const void *)> holds;
  std::string message;
  std::string option; // of conditions on a whole struct: where to report
};

struct OptionSpec {
  std::string name, help;
  const FieldType *type = nullptr;
  size_t offset = 0;
  bool required = false;
  bool nonEmpty = false;
  std::optional<int64_t> minimum, maximum;
  std::optional<double> floatMinimum, floatMaximum;
  bool exclusiveMinimum = false;
  std::vector<NamedValue> values;
  std::vector<Condition> conditions;

  void *field(void *object) const { return static_cast<char *>(object) + offset; }
  const void *field(const void *object) const { return static_cast<const char *>(object) + offset; }
  /// The type inside all optionals and lists.
  const FieldType &leaf() const;
};

struct SchemaData {
  size_t objectSize = 0;
  std::shared_ptr<void> (*create)() = nullptr;
  std::vector<OptionSpec> options;
  std::vector<Condition> conditions;

  static const SchemaData &of(const OptionSchema &schema) { return *schema.data; }
};

/// Reads \p node into \p object. \p path is what stands before option names in messages
/// ("devices[0].").
bool readOptions(const SchemaData &schema, const ConfigNode &node, void *object,
                 const std::string &path, Diagnostics &diagnostics);

ConfigNode writeOptions(const SchemaData &schema, const void *object);
ConfigNode writeValue(const OptionSpec &option, const FieldType &type, const void *field);

/// "integer, 1 to 65536", "list of sizes"; for people.
std::string describeType(const OptionSpec &option);
/// The default as YAML; empty when there is none to speak of (required, unset).
std::string describeDefault(const OptionSpec &option, const void *defaults);
/// The least and greatest integer allowed, where narrower than 64 bits.
std::optional<int64_t> leastInteger(const OptionSpec &option);
std::optional<int64_t> greatestInteger(const OptionSpec &option);
/// "between 1 and 65536", "at least 1", "greater than 0"; empty when anything goes.
std::string describeLimits(const OptionSpec &option);

} // namespace optrun::detail

#endif // OPTRUN_LIB_OPTIONS_SCHEMADATA_H

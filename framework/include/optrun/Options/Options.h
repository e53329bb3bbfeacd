// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of passes: a struct bound once. The one binding parses, validates, prints, documents and
/// yields the JSON Schema.
///
/// \code
///   struct SplitByCountOptions {
///     int64_t splits = 0;
///     std::string block = "auto";
///     Balance balance = Balance::Layers;
///
///     static void bind(OptionBinder<SplitByCountOptions> &bind) {
///       bind.option("splits", &SplitByCountOptions::splits, "Number of components.")
///           .required().range(1, 65536);
///       bind.option("block", &SplitByCountOptions::block, "Module path of the repeated block, or
///       auto."); bind.option("balance", &SplitByCountOptions::balance, "What to make equal.")
///           .values({{"layers", Balance::Layers, "as many layers in each"},
///                    {"bytes", Balance::Bytes, "as many weight bytes in each"}});
///     }
///   };
/// \endcode
///
/// Field types: bool, int64_t, double, std::string, ByteSize, FilePath, enumerations (with
/// values()), std::optional and std::vector of these, and structs with a bind() of their own. The
/// default is the value in a default-constructed struct.
///
/// How values are read (docs/recipes.md has it for users):
/// - bool: true or false, without quotes. yes, no, on, off and the like are errors with a
/// suggestion.
/// - int64_t and other integers: decimal digits with an optional sign. No leading zeros (YAML 1.1
///   reads them as octal), no quotes; 1e9 and 64.0 are accepted because they are exact.
/// - double: 0.5, 1e-5, 3; finite; no quotes.
/// - std::string, FilePath and enumerations: any scalar, quoted or not, as it is written.
/// - ByteSize: see parseByteSize(); quoted or not.
/// - std::optional: a value, or null for none. Nothing else may be null.
/// - std::vector: a list, which replaces the default. A struct: a mapping.

#ifndef OPTRUN_OPTIONS_OPTIONS_H
#define OPTRUN_OPTIONS_OPTIONS_H

#include "optrun/Options/ConfigNode.h"
#include "optrun/Options/FieldType.h"
#include "optrun/Options/FilePath.h"
#include "optrun/Support/ByteSize.h"
#include "optrun/Support/Diagnostics.h"

#include <cassert>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optrun {

namespace detail {
struct OptionSpec;
struct SchemaData;
class SchemaBuilder;
} // namespace detail

/// The options of one pass, whatever their type. Cheap to copy.
class OptionSchema {
public:
  /// No options.
  OptionSchema();

  /// The schema of \p T, which has a static bind(). A binding that makes no sense (two options of
  /// one name, an enumeration without values) throws std::logic_error; the plugin loader reports
  /// it.
  template <typename T> static OptionSchema of() { return detail::schemaOf<T>(); }

  /// Reads \p options, a mapping or null, into \p object, which starts as default-constructed.
  /// Reports every problem: at the value, at the key when it is unknown, at \p options when
  /// something is missing. True when there was none. \p T is the type that the schema was made of.
  template <typename T>
  [[nodiscard]] bool parse(const ConfigNode &options, T &object, Diagnostics &diagnostics) const {
    return parseInto(options, &object, sizeof(T), diagnostics);
  }

  /// The options as they will be used, defaults included, in order of declaration; unset optionals
  /// are left out. Parses back to the same object. Print it with printYaml() or toJson().
  template <typename T> ConfigNode print(const T &object) const {
    return printFrom(&object, sizeof(T));
  }

  /// parse() and print() for those who do not know the type; nothing when errors were reported.
  std::optional<ConfigNode> resolve(const ConfigNode &options, Diagnostics &diagnostics) const;

  /// In order of declaration.
  std::vector<std::string> names() const;
  bool empty() const;

  /// For --describe: names, types, defaults and help for a plain terminal of \p width columns.
  void describe(llvm::raw_ostream &os, unsigned width = 80) const;
  /// For the pass reference: a table of the options, and one for each nested struct.
  void printMarkdown(llvm::raw_ostream &os) const;
  /// A JSON Schema (draft 2020-12) object without "$schema", to be placed inside a larger one.
  std::string jsonSchema() const;

private:
  friend class detail::SchemaBuilder;
  friend struct detail::SchemaData;
  explicit OptionSchema(std::shared_ptr<const detail::SchemaData> data) : data(std::move(data)) {}

  bool parseInto(const ConfigNode &options, void *object, size_t size,
                 Diagnostics &diagnostics) const;
  ConfigNode printFrom(const void *object, size_t size) const;

  std::shared_ptr<const detail::SchemaData> data;
};

namespace detail {

/// Collects a schema; the untyped half of OptionBinder.
class SchemaBuilder {
public:
  SchemaBuilder(size_t objectSize, std::shared_ptr<void> (*create)());
  SchemaBuilder(const SchemaBuilder &) = delete;
  ~SchemaBuilder();

  /// Valid until the next call.
  OptionSpec &add(llvm::StringRef name, const FieldType &type, size_t offset, llvm::StringRef help);
  void check(std::function<bool(const void *object)> holds, llvm::StringRef message,
             llvm::StringRef option);
  OptionSchema finish();

private:
  std::shared_ptr<SchemaData> data;
};

void setRequired(OptionSpec &option);
void setNonEmpty(OptionSpec &option);
void setMinimum(OptionSpec &option, int64_t value);
void setMinimum(OptionSpec &option, double value, bool exclusive);
void setMaximum(OptionSpec &option, int64_t value);
void setMaximum(OptionSpec &option, double value);
void addValue(OptionSpec &option, llvm::StringRef name, int64_t value, llvm::StringRef help);
void addCheck(OptionSpec &option, std::function<bool(const void *field)> holds,
              llvm::StringRef message);

} // namespace detail

/// One value of an enumeration as recipes write it.
template <typename E> struct EnumValue {
  llvm::StringRef name;
  E value;
  llvm::StringRef help = {};
};

/// What holds for one option. Limits and values apply to each element of a list and to the value of
/// an optional that has one; required() and check() apply to the field as a whole.
template <typename Field> class OptionRules {
public:
  using Value = detail::Leaf<Field>;

  explicit OptionRules(detail::OptionSpec &option) : option(option) {}

  OptionRules &required() {
    detail::setRequired(option);
    return *this;
  }

  /// A list of at least one element, a text (or each text in a list) of at least one character.
  OptionRules &nonEmpty()
    requires(detail::fieldTypeOf<Field>.kind == detail::FieldType::Kind::List ||
             std::is_same_v<Value, std::string> || std::is_same_v<Value, FilePath>)
  {
    detail::setNonEmpty(option);
    return *this;
  }

  /// The least value allowed.
  OptionRules &min(Value least)
    requires(detail::WholeNumber<Value> || std::is_same_v<Value, ByteSize> ||
             std::is_same_v<Value, double>)
  {
    if constexpr (std::is_same_v<Value, double>)
      detail::setMinimum(option, least, /*exclusive=*/false);
    else
      detail::setMinimum(option, toInteger(least));
    return *this;
  }

  /// Greater than \p limit, not equal to it.
  OptionRules &above(double limit)
    requires(std::is_same_v<Value, double>)
  {
    detail::setMinimum(option, limit, /*exclusive=*/true);
    return *this;
  }

  /// The greatest value allowed.
  OptionRules &max(Value most)
    requires(detail::WholeNumber<Value> || std::is_same_v<Value, ByteSize> ||
             std::is_same_v<Value, double>)
  {
    if constexpr (std::is_same_v<Value, double>)
      detail::setMaximum(option, most);
    else
      detail::setMaximum(option, toInteger(most));
    return *this;
  }

  OptionRules &range(Value least, Value most) { return min(least).max(most); }

  /// The values of an enumeration, in the order of the documentation.
  OptionRules &values(std::initializer_list<EnumValue<Value>> all)
    requires(std::is_enum_v<Value>)
  {
    for (const EnumValue<Value> &each : all)
      detail::addValue(option, each.name, static_cast<int64_t>(each.value), each.help);
    return *this;
  }

  /// The only integers allowed (bits: 1, 2, 4, 8).
  OptionRules &oneOf(std::initializer_list<Value> all)
    requires(detail::WholeNumber<Value>)
  {
    for (Value each : all)
      detail::addValue(option, std::to_string(each), static_cast<int64_t>(each), {});
    return *this;
  }

  /// Any other condition; \p message says what must hold ("must be a power of two"). Asked only for
  /// values that pass all else.
  OptionRules &check(std::function<bool(const Field &)> holds, llvm::StringRef message) {
    detail::addCheck(
        option,
        [holds = std::move(holds)](const void *field) {
          return holds(*static_cast<const Field *>(field));
        },
        message);
    return *this;
  }

private:
  static int64_t toInteger(Value value) {
    if constexpr (std::is_same_v<Value, ByteSize>)
      return static_cast<int64_t>(value.bytes);
    else if constexpr (detail::WholeNumber<Value>)
      return static_cast<int64_t>(value);
    else
      return 0;
  }

  detail::OptionSpec &option;
};

/// Given to bind().
template <typename T> class OptionBinder {
public:
  explicit OptionBinder(detail::SchemaBuilder &builder) : builder(builder) {}

  /// Names are kebab-case. \p help is one or more sentences.
  template <typename Field>
  OptionRules<Field> option(llvm::StringRef name, Field T::*member, llvm::StringRef help) {
    auto offset =
        reinterpret_cast<const char *>(&(probe.*member)) - reinterpret_cast<const char *>(&probe);
    return OptionRules<Field>(
        builder.add(name, detail::fieldTypeOf<Field>, static_cast<size_t>(offset), help));
  }

  /// A condition on several options together, asked when each of them is good. \p message says what
  /// must hold; reported at \p option when the recipe has it, else at the whole mapping.
  void check(std::function<bool(const T &)> holds, llvm::StringRef message,
             llvm::StringRef option = {}) {
    builder.check([holds = std::move(holds)](
                      const void *object) { return holds(*static_cast<const T *>(object)); },
                  message, option);
  }

private:
  detail::SchemaBuilder &builder;
  T probe{}; // to find out where members lie
};

template <typename T> const OptionSchema &detail::schemaOf() {
  static const OptionSchema schema = [] {
    SchemaBuilder builder(sizeof(T),
                          []() -> std::shared_ptr<void> { return std::make_shared<T>(); });
    OptionBinder<T> binder(builder);
    T::bind(binder);
    return builder.finish();
  }();
  return schema;
}

} // namespace optrun

#endif // OPTRUN_OPTIONS_OPTIONS_H

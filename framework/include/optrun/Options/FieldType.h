// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How the options core reaches a field of an options struct through an untyped pointer. Pass
/// authors need nothing from here; templates end here, so that all work is compiled once, in the
/// framework.

#ifndef OPTRUN_OPTIONS_FIELDTYPE_H
#define OPTRUN_OPTIONS_FIELDTYPE_H

#include "optrun/Options/FilePath.h"
#include "optrun/Support/ByteSize.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace optrun {

class OptionSchema;
template <typename T> class OptionBinder;

namespace detail {

struct FieldType {
  enum class Kind { Bool, Int, Float, Text, Size, Path, Enum, Struct, Optional, List };

  Kind kind;

  // Int and Enum.
  int64_t (*load)(const void *field) = nullptr;
  void (*store)(void *field, int64_t value) = nullptr;
  int64_t lowest = 0, highest = 0; // what an Int's type can hold

  // Optional (zero or one element) and List.
  const FieldType *element = nullptr;
  size_t (*size)(const void *field) = nullptr;
  const void *(*at)(const void *field, size_t index) = nullptr;
  void *(*append)(void *field) = nullptr; // a new element in its default state
  void (*clear)(void *field) = nullptr;

  // Struct.
  const OptionSchema &(*schema)() = nullptr;
};

template <typename T> struct IsOptional : std::false_type {};
template <typename T> struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T> struct IsVector : std::false_type {};
template <typename T> struct IsVector<std::vector<T>> : std::true_type {};

/// The type inside all std::optional and std::vector around it.
template <typename T> struct LeafOf {
  using type = T;
};
template <typename T> struct LeafOf<std::optional<T>> : LeafOf<T> {};
template <typename T> struct LeafOf<std::vector<T>> : LeafOf<T> {};
template <typename T> using Leaf = typename LeafOf<T>::type;

template <typename T>
concept HasBind = requires(OptionBinder<T> &binder) { T::bind(binder); };

template <typename T>
concept WholeNumber = std::is_integral_v<T> && !std::is_same_v<T, bool>;

template <typename T> const OptionSchema &schemaOf(); // Options.h

template <typename T> constexpr FieldType makeFieldType();
template <typename T> inline constexpr FieldType fieldTypeOf = makeFieldType<T>();

template <typename T> constexpr FieldType makeFieldType() {
  using Kind = FieldType::Kind;
  if constexpr (std::is_same_v<T, bool>) {
    return {.kind = Kind::Bool};
  } else if constexpr (std::is_same_v<T, double>) {
    return {.kind = Kind::Float};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {.kind = Kind::Text};
  } else if constexpr (std::is_same_v<T, ByteSize>) {
    return {.kind = Kind::Size};
  } else if constexpr (std::is_same_v<T, FilePath>) {
    return {.kind = Kind::Path};
  } else if constexpr (WholeNumber<T> || std::is_enum_v<T>) {
    FieldType type{.kind = std::is_enum_v<T> ? Kind::Enum : Kind::Int};
    type.load = [](const void *field) {
      return static_cast<int64_t>(*static_cast<const T *>(field));
    };
    type.store = [](void *field, int64_t value) {
      *static_cast<T *>(field) = static_cast<T>(value);
    };
    if constexpr (WholeNumber<T>) {
      constexpr auto most = std::numeric_limits<int64_t>::max();
      type.lowest = static_cast<int64_t>(std::numeric_limits<T>::min());
      type.highest = std::is_same_v<std::make_unsigned_t<T>, uint64_t>
                         ? most
                         : static_cast<int64_t>(std::numeric_limits<T>::max());
    }
    return type;
  } else if constexpr (IsOptional<T>::value) {
    using Element = typename T::value_type;
    static_assert(!IsOptional<Element>::value,
                  "an optional of an optional cannot be written in YAML");
    FieldType type{.kind = Kind::Optional};
    type.element = &fieldTypeOf<Element>;
    type.size = [](const void *field) -> size_t {
      return static_cast<const T *>(field)->has_value() ? 1 : 0;
    };
    type.at = [](const void *field, size_t) -> const void * {
      return &**static_cast<const T *>(field);
    };
    type.append = [](void *field) -> void * { return &static_cast<T *>(field)->emplace(); };
    type.clear = [](void *field) { static_cast<T *>(field)->reset(); };
    return type;
  } else if constexpr (IsVector<T>::value) {
    using Element = typename T::value_type;
    static_assert(!std::is_same_v<Element, bool>, "std::vector<bool> has no elements to point at");
    static_assert(!IsOptional<Element>::value, "elements of a list are given or not there");
    FieldType type{.kind = Kind::List};
    type.element = &fieldTypeOf<Element>;
    type.size = [](const void *field) { return static_cast<const T *>(field)->size(); };
    type.at = [](const void *field, size_t index) -> const void * {
      return &(*static_cast<const T *>(field))[index];
    };
    type.append = [](void *field) -> void * { return &static_cast<T *>(field)->emplace_back(); };
    type.clear = [](void *field) { static_cast<T *>(field)->clear(); };
    return type;
  } else {
    static_assert(HasBind<T>,
                  "an option is a bool, an integer, a double, a std::string, a ByteSize, a "
                  "FilePath, an enumeration, a std::optional or std::vector of these, or "
                  "a struct with static void bind(OptionBinder<T> &)");
    FieldType type{.kind = Kind::Struct};
    type.schema = &schemaOf<T>;
    return type;
  }
}

} // namespace detail
} // namespace optrun

#endif // OPTRUN_OPTIONS_FIELDTYPE_H

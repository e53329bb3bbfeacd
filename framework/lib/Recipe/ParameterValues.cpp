// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The values of parameters: defaults and settings, checked against type and limits.

#include "Options/Scalars.h"
#include "Recipe/ParameterTypes.h"
#include "Recipe/Parameters.h"
#include "Recipe/Settings.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <functional>

namespace optrun {
namespace {

using Type = RecipeParameter::Type;

class ValueChecker {
public:
  ValueChecker(const ParameterDeclaration &declaration, Diagnostics &diagnostics)
      : declaration(declaration), diagnostics(diagnostics) {}

  /// \p node as a value of the parameter; nothing after an error.
  std::optional<ConfigNode> check(const ConfigNode &node);
  /// What is wrong with the declaration's limits.
  void checkLimits();

private:
  std::optional<ConfigNode> convert(const ConfigNode &node, llvm::StringRef what);
  std::optional<double> numberOf(const ConfigNode &node);
  bool isInside(const ConfigNode &value);

  const ParameterDeclaration &declaration;
  Diagnostics &diagnostics;
};

/// \p node in the form that the type has after substitution.
std::optional<ConfigNode> ValueChecker::convert(const ConfigNode &node, llvm::StringRef what) {
  auto checked = [&](auto value) -> std::optional<ConfigNode> {
    if (!value) {
      diagnostics.error(node.location(), what + " " + llvm::toString(value.takeError()));
      return std::nullopt;
    }
    ConfigNode result = node;
    result.quoted = false;
    return result;
  };
  switch (*declaration.type) {
  case Type::Int:
    return checked(readInteger(node));
  case Type::Float:
    return checked(readFloat(node));
  case Type::Bool:
    return checked(readBool(node));
  case Type::Size:
    return checked(readByteSize(node));
  case Type::String:
    if (std::optional<ConfigNode> result = checked(readText(node))) {
      result->quoted = true;
      return result;
    }
    return std::nullopt;
  case Type::Path: {
    llvm::Expected<std::string> path = readPath(node);
    std::string resolved = path ? *path : "";
    std::optional<ConfigNode> result = checked(std::move(path));
    if (result) {
      result->scalar = std::move(resolved);
      result->baseFolder.clear();
      result->quoted = true;
    }
    return result;
  }
  case Type::List:
    if (node.kind == ConfigNode::Kind::Sequence)
      return node;
    diagnostics.error(node.location(), what + " must be a list, not " + describeNode(node));
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> ValueChecker::numberOf(const ConfigNode &node) {
  if (*declaration.type == Type::Size) {
    llvm::Expected<ByteSize> size = readByteSize(node);
    return size ? std::optional(static_cast<double>(size->bytes))
                : (llvm::consumeError(size.takeError()), std::nullopt);
  }
  llvm::Expected<double> number = readFloat(node);
  return number ? std::optional(*number) : (llvm::consumeError(number.takeError()), std::nullopt);
}

bool ValueChecker::isInside(const ConfigNode &value) {
  const std::string prefix = "parameter '" + declaration.name + "' ";
  if (!declaration.values.empty() && llvm::none_of(declaration.values, [&](const ConfigNode &each) {
        return each.scalar == value.scalar;
      })) {
    std::vector<std::string> names;
    for (const ConfigNode &each : declaration.values)
      names.push_back(each.scalar);
    std::string suggestion = suggestName(value.scalar, names);
    diagnostics.error(value.location(),
                      prefix + "must be one of " + llvm::join(names, ", ") + ", not " +
                          describeNode(value) +
                          (suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?"));
    return false;
  }
  auto compare = [&](const std::optional<ConfigNode> &limit, llvm::StringRef words, auto holds) {
    if (!limit)
      return true;
    std::optional<double> bound = numberOf(*limit), number = numberOf(value);
    if (!bound || !number || holds(*number, *bound))
      return true;
    diagnostics.error(value.location(),
                      prefix + "must be " + words + " " + limit->scalar + ", not " + value.scalar);
    return false;
  };
  return compare(declaration.minimum, "at least", std::greater_equal<double>()) &&
         compare(declaration.maximum, "at most", std::less_equal<double>());
}

void ValueChecker::checkLimits() {
  Type type = *declaration.type;
  bool hasOrder = type == Type::Int || type == Type::Float || type == Type::Size;
  for (const auto &[limit, name] :
       {std::pair(&declaration.minimum, "'min'"), std::pair(&declaration.maximum, "'max'")}) {
    if (!*limit)
      continue;
    if (hasOrder)
      convert(**limit, std::string(name) + " of parameter '" + declaration.name + "'");
    else
      diagnostics.error((*limit)->location(),
                        llvm::Twine(name) +
                            " is for parameters of type int, float and size, and '" +
                            declaration.name + "' is a " + nameOf(type).name);
  }
  for (const ConfigNode &value : declaration.values) {
    if (type == Type::String || type == Type::Int)
      convert(value, "each of 'values' of parameter '" + declaration.name + "'");
    else {
      diagnostics.error(value.location(),
                        "'values' is for parameters of type string and int, and '" +
                            declaration.name + "' is a " + nameOf(type).name);
      return;
    }
  }
}

std::optional<ConfigNode> ValueChecker::check(const ConfigNode &node) {
  if (node.kind == ConfigNode::Kind::Error)
    return std::nullopt;
  std::optional<ConfigNode> value = convert(node, "parameter '" + declaration.name + "'");
  return value && isInside(*value) ? value : std::nullopt;
}

void reportMissing(const ParameterDeclaration &declaration, Diagnostics &diagnostics) {
  std::string help = declaration.help.value_or("");
  diagnostics.error(declaration.nameRange.Start, "parameter '" + declaration.name + "'" +
                                                     (help.empty() ? "" : " (" + help + ")") +
                                                     " needs a value: --set " + declaration.name +
                                                     "=" + nameOf(*declaration.type).placeholder);
}

} // namespace

std::vector<RecipeParameter> resolveParameters(llvm::ArrayRef<ParameterDeclaration> declarations,
                                               RecipeSettings settings,
                                               llvm::StringRef callerFolder,
                                               Diagnostics &diagnostics) {
  std::vector<Setting> given = addSettings(settings, diagnostics);
  reportUnknownSettings(given, declarations, diagnostics);
  std::vector<RecipeParameter> parameters;
  for (const ParameterDeclaration &declaration : declarations) {
    RecipeParameter &parameter = parameters.emplace_back();
    parameter.name = declaration.name;
    parameter.nameRange = declaration.nameRange;
    parameter.help = declaration.help.value_or("");
    const Setting *setting = nullptr;
    for (const Setting &each : given)
      if (each.name == declaration.name)
        setting = &each;
    parameter.isSet = setting != nullptr;
    if (declaration.isBroken)
      continue;
    if (!declaration.type) {
      diagnostics.error(declaration.nameRange.Start,
                        "parameter '" + declaration.name + "' needs a type or a default");
      continue;
    }
    parameter.type = *declaration.type;
    ValueChecker checker(declaration, diagnostics);
    checker.checkLimits();
    if (declaration.defaultValue)
      parameter.value = checker.check(*declaration.defaultValue);
    else if (!setting)
      reportMissing(declaration, diagnostics);
    if (setting) {
      parameter.value.reset();
      if (auto node = readSetting(*setting, parameter.type, callerFolder, diagnostics))
        parameter.value = checker.check(*node);
    }
  }
  return parameters;
}

} // namespace optrun

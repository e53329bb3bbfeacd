// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading and merging the declarations of parameters.

#include "Options/Scalars.h"
#include "Recipe/Keys.h"
#include "Recipe/ParameterTypes.h"
#include "Recipe/Parameters.h"
#include "Recipe/Substitution.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun {
namespace {

using Type = RecipeParameter::Type;

/// The type that a default without one has, as a recipe reads naturally.
Type inferType(const ConfigNode &value) {
  if (value.kind == ConfigNode::Kind::Sequence)
    return Type::List;
  if (value.quoted)
    return Type::String;
  llvm::StringRef text = value.scalar;
  if (text == "true" || text == "false")
    return Type::Bool;
  // "010" is meant as a number, and refused as one.
  if (!text.empty() && llvm::all_of(text, llvm::isDigit))
    return Type::Int;
  if (looksLikeNumber(text))
    return looksLikeInteger(text) ? Type::Int : Type::Float;
  llvm::Expected<ByteSize> size = parseByteSize(text);
  if (size)
    return Type::Size;
  llvm::consumeError(size.takeError());
  return Type::String;
}

class DeclarationReader {
public:
  explicit DeclarationReader(Diagnostics &diagnostics) : diagnostics(diagnostics) {}

  std::optional<ParameterDeclaration> read(const ConfigEntry &entry);

private:
  void readMapping(const ConfigNode &mapping, ParameterDeclaration &declaration);
  void readType(const ConfigNode &node, ParameterDeclaration &declaration);
  void setDefault(const ConfigNode &node, ParameterDeclaration &declaration);

  Diagnostics &diagnostics;
};

void DeclarationReader::readType(const ConfigNode &node, ParameterDeclaration &declaration) {
  std::vector<std::string> known;
  for (const ParameterTypeName &each : parameterTypes) {
    if (node.kind == ConfigNode::Kind::Scalar && node.scalar == each.name) {
      declaration.type = each.type;
      return;
    }
    known.push_back(each.name.str());
  }
  declaration.isBroken = true;
  std::string suggestion = suggestName(node.scalar, known);
  diagnostics.error(node.location(),
                    "the type of a parameter is one of " + llvm::join(known, ", ") + ", not " +
                        describeNode(node) +
                        (suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?"));
}

void DeclarationReader::setDefault(const ConfigNode &node, ParameterDeclaration &declaration) {
  if (node.kind == ConfigNode::Kind::Null) {
    declaration.isBroken = true;
    diagnostics.error(node.location(), "the default of parameter '" + declaration.name +
                                           "' needs a value; leave it out if the parameter must "
                                           "be given with --set");
    return;
  }
  declaration.defaultValue =
      Substitution("the default of a parameter cannot refer to parameters", diagnostics)
          .apply(node);
  declaration.isBroken |= declaration.defaultValue->kind == ConfigNode::Kind::Error;
}

void DeclarationReader::readMapping(const ConfigNode &mapping, ParameterDeclaration &declaration) {
  reportUnknownKeys(mapping, {"type", "default", "help", "min", "max", "values"}, diagnostics);
  if (const ConfigNode *type = mapping.find("type"))
    readType(*type, declaration);
  if (const ConfigNode *value = mapping.find("default"))
    setDefault(*value, declaration);
  if (const ConfigNode *help = mapping.find("help")) {
    if (help->kind == ConfigNode::Kind::Scalar)
      declaration.help = help->scalar;
    else
      diagnostics.error(help->location(), "'help' must be a text, not " + describeNode(*help));
  }
  if (const ConfigNode *minimum = mapping.find("min"))
    declaration.minimum = *minimum;
  if (const ConfigNode *maximum = mapping.find("max"))
    declaration.maximum = *maximum;
  if (const ConfigNode *values = mapping.find("values")) {
    if (values->kind == ConfigNode::Kind::Sequence && !values->items.empty())
      declaration.values = values->items;
    else
      diagnostics.error(values->location(), "'values' must be a list of the values allowed, not " +
                                                describeNode(*values));
  }
}

std::optional<ParameterDeclaration> DeclarationReader::read(const ConfigEntry &entry) {
  if (!isParameterName(entry.key)) {
    diagnostics.error(entry.keyRange.Start,
                      "'" + entry.key +
                          "' cannot be the name of a parameter: letters, digits, '-' and '_' only, "
                          "a letter first");
    return std::nullopt;
  }
  ParameterDeclaration declaration;
  declaration.name = entry.key;
  declaration.nameRange = entry.keyRange;
  if (entry.value.kind == ConfigNode::Kind::Mapping) {
    readMapping(entry.value, declaration);
  } else if (entry.value.kind == ConfigNode::Kind::Null) {
    declaration.isBroken = true;
    diagnostics.error(entry.value.location(),
                      "parameter '" + entry.key +
                          "' needs a default, or a declaration like {type: path, help: \"...\"}");
  } else {
    setDefault(entry.value, declaration);
  }
  if (!declaration.type && declaration.defaultValue && !declaration.isBroken) {
    declaration.type = inferType(*declaration.defaultValue);
    declaration.isTypeInferred = true;
  }
  return declaration;
}

} // namespace

std::vector<ParameterDeclaration> readDeclarations(const ConfigNode &parameters,
                                                   Diagnostics &diagnostics) {
  std::vector<ParameterDeclaration> declarations;
  if (parameters.kind != ConfigNode::Kind::Mapping && parameters.kind != ConfigNode::Kind::Null)
    diagnostics.error(parameters.location(),
                      "'parameters' must be a mapping of names to defaults, not " +
                          describeNode(parameters));
  for (const ConfigEntry &entry : parameters.entries)
    if (auto declaration = DeclarationReader(diagnostics).read(entry))
      declarations.push_back(std::move(*declaration));
  return declarations;
}

void mergeDeclarations(std::vector<ParameterDeclaration> &base,
                       std::vector<ParameterDeclaration> derived) {
  for (ParameterDeclaration &each : derived) {
    auto known = llvm::find_if(
        base, [&](const ParameterDeclaration &earlier) { return earlier.name == each.name; });
    if (known == base.end()) {
      base.push_back(std::move(each));
      continue;
    }
    known->nameRange = each.nameRange;
    if (each.type && (!each.isTypeInferred || !known->type)) {
      known->type = each.type;
      known->isTypeInferred = each.isTypeInferred;
    }
    known->isBroken |= each.isBroken;
    if (each.defaultValue)
      known->defaultValue = std::move(each.defaultValue);
    if (each.help)
      known->help = std::move(each.help);
    if (each.minimum)
      known->minimum = std::move(each.minimum);
    if (each.maximum)
      known->maximum = std::move(each.maximum);
    if (!each.values.empty())
      known->values = std::move(each.values);
  }
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Replacing `${name}`.

#include "Recipe/Substitution.h"

#include "Recipe/YamlReader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun {
namespace {

/// Where byte \p offset of the node's text stands in the file; the node's start when escapes or
/// line folding make that unclear.
llvm::SMLoc locationInside(const ConfigNode &node, size_t offset, Diagnostics &diagnostics) {
  llvm::SMLoc start = node.location();
  unsigned buffer = start.isValid() ? diagnostics.sources().FindBufferContainingLoc(start) : 0;
  if (buffer == 0)
    return start;
  llvm::StringRef source = diagnostics.sources().getMemoryBuffer(buffer)->getBuffer();
  source = source.drop_front(static_cast<size_t>(start.getPointer() - source.data()));
  size_t quote = source.starts_with("'") || source.starts_with("\"") ? 1 : 0;
  if (!source.drop_front(quote).starts_with(node.scalar))
    return start;
  return llvm::SMLoc::getFromPointer(start.getPointer() + quote + offset);
}

} // namespace

bool isParameterName(llvm::StringRef name) {
  return !name.empty() && (llvm::isAlpha(name.front()) || name.front() == '_') &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '-'; });
}

Substitution::Substitution(llvm::ArrayRef<RecipeParameter> parameters, Diagnostics &diagnostics)
    : diagnostics(diagnostics) {
  for (const RecipeParameter &parameter : parameters) {
    byName[parameter.name] = &parameter;
    names.push_back(parameter.name);
  }
}

Substitution::Substitution(std::string reason, Diagnostics &diagnostics)
    : refusal(std::move(reason)), diagnostics(diagnostics) {}

ConfigNode Substitution::failed(const ConfigNode &node) const {
  ConfigNode result;
  result.kind = ConfigNode::Kind::Error;
  result.range = node.range;
  return result;
}

/// Counts \p node against the limits on what substitution may make of a recipe.
bool Substitution::charge(const ConfigNode &node, const ConfigNode &use) {
  bytes += node.scalar.size();
  if (++nodes <= maxYamlNodes && bytes <= 4 * maxYamlBytes) {
    for (const ConfigNode &item : node.items)
      if (!charge(item, use))
        return false;
    for (const ConfigEntry &entry : node.entries)
      if (!charge(entry.value, use))
        return false;
    return true;
  }
  if (!isExhausted)
    diagnostics.error(use.location(), "parameters make the recipe too large");
  isExhausted = true;
  return false;
}

const RecipeParameter *Substitution::find(llvm::StringRef name, llvm::SMLoc location) {
  if (!refusal.empty()) {
    diagnostics.error(location, refusal + "; write '$${' for the text '${'");
    return nullptr;
  }
  if (!isParameterName(name)) {
    diagnostics.error(location,
                      "'" + name + "' is no name of a parameter; write '$${' for the text '${'");
    return nullptr;
  }
  const RecipeParameter *parameter = byName.lookup(name);
  if (parameter) {
    used.insert(name);
    return parameter;
  }
  std::string suggestion = suggestName(name, names);
  std::string hint = "; declare it under 'parameters:'";
  if (!suggestion.empty())
    hint = "; did you mean '" + suggestion + "'?";
  else if (!names.empty())
    hint = "; there are: " + llvm::join(names, ", ");
  diagnostics.error(location, "no parameter '" + name + "'" + hint);
  return nullptr;
}

ConfigNode Substitution::applyToScalar(const ConfigNode &node) {
  llvm::StringRef rest = node.scalar;
  if (!rest.contains("${"))
    return node;
  ConfigNode result = node;
  result.scalar.clear();
  bool good = true;
  while (!rest.empty()) {
    if (rest.consume_front("$${")) {
      result.scalar += "${";
      continue;
    }
    if (!rest.starts_with("${")) {
      size_t length = std::max<size_t>(1, rest.find('$', 1));
      result.scalar += rest.take_front(length);
      rest = rest.drop_front(std::min(length, rest.size()));
      continue;
    }
    size_t offset = node.scalar.size() - rest.size();
    size_t end = rest.find('}');
    if (end == llvm::StringRef::npos) {
      diagnostics.error(locationInside(node, offset, diagnostics),
                        "'${' is not closed; write '$${' for the text '${'");
      return failed(node);
    }
    const RecipeParameter *parameter =
        find(rest.slice(2, end), locationInside(node, offset, diagnostics));
    rest = rest.drop_front(end + 1);
    if (!parameter || !parameter->value) {
      good = false;
      continue;
    }
    const ConfigNode &value = *parameter->value;
    if (!charge(value, node))
      return failed(node);
    if (offset == 0 && rest.empty())
      return value;
    if (value.kind != ConfigNode::Kind::Scalar) {
      diagnostics.error(locationInside(node, offset, diagnostics),
                        "parameter '" + parameter->name +
                            "' is a list and cannot be part of a text");
      good = false;
      continue;
    }
    result.quoted = true;
    result.scalar += value.scalar;
    if (offset == 0)
      result.baseFolder = value.baseFolder;
  }
  return good ? result : failed(node);
}

ConfigNode Substitution::apply(const ConfigNode &node) {
  if (node.kind == ConfigNode::Kind::Scalar)
    return applyToScalar(node);
  ConfigNode result = node;
  for (ConfigNode &item : result.items)
    item = apply(item);
  for (ConfigEntry &entry : result.entries)
    entry.value = apply(entry.value);
  return result;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Module paths from the node metadata of PyTorch's dynamo exporter. Two forms:
///   pkg.torch.onnx.name_scopes = ['', 'model', 'model.layers.0', 'model.layers.0.mlp', 'linear_6']
///   namespace = : pkg.Root/model: pkg.Model/model.layers.0: pkg.Layer/linear_6:
///   aten.linear.default
/// Paths are cumulative and the last entry is the operation itself.

#include "ModuleEvidence.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun {
namespace {

/// Stands for the scope of nodes that the exporter made outside of every module.
constexpr llvm::StringLiteral NoScope = "_empty_nn_module_stack_from_metadata_hook";

/// Reads the repr() of a Python list of str; nullopt when it is something else.
std::optional<llvm::SmallVector<std::string, 8>> parsePythonStrings(llvm::StringRef text) {
  llvm::SmallVector<std::string, 8> strings;
  text = text.trim();
  if (!text.consume_front("[") || !text.consume_back("]"))
    return std::nullopt;
  text = text.ltrim();
  while (!text.empty()) {
    const char quote = text.front();
    if (quote != '\'' && quote != '"')
      return std::nullopt;
    std::string &string = strings.emplace_back();
    size_t position = 1;
    for (; position < text.size() && text[position] != quote; ++position) {
      // Of the escapes only \', \" and \\ can be part of a module's name; others are kept as they
      // are.
      if (text[position] == '\\' && position + 1 < text.size() &&
          llvm::StringRef("'\"\\").contains(text[position + 1]))
        ++position;
      string += text[position];
    }
    if (position >= text.size())
      return std::nullopt;
    text = text.drop_front(position + 1).ltrim();
    if (!text.consume_front(",") && !text.empty())
      return std::nullopt;
    text = text.ltrim();
  }
  return strings;
}

/// The entries of a namespace, without their classes.
llvm::SmallVector<std::string, 8> parseNamespace(llvm::StringRef text) {
  llvm::SmallVector<std::string, 8> scopes;
  while (!text.empty()) {
    auto [entry, rest] = text.split('/');
    text = rest;
    scopes.push_back(entry.split(": ").first.trim().str());
  }
  return scopes;
}

/// Removes what export puts into a path where a model slices or indexes a module list:
/// "model.layers.slice(None, 4, None).0" is "model.layers.0".
std::string withoutIndexing(llvm::StringRef path) {
  if (!path.contains("slice(") && !path.contains("_modules"))
    return path.str();
  std::string result;
  for (llvm::StringRef component : llvm::split(path, '.')) {
    if (component.starts_with("slice(") || component == "_modules")
      continue;
    if (!result.empty())
      result += '.';
    result += component;
  }
  return result;
}

std::optional<std::string> innermostModule(llvm::ArrayRef<std::string> scopes) {
  if (scopes.empty() || llvm::StringRef(scopes.front()).starts_with(NoScope))
    return std::nullopt;
  return scopes.size() == 1 ? std::string() : withoutIndexing(scopes[scopes.size() - 2]);
}

} // namespace

std::optional<std::string> metadataModulePath(const ir::Node &node) {
  const std::string *scopes = nullptr, *space = nullptr;
  for (const auto &[key, value] : node.metadata) {
    if (key == "pkg.torch.onnx.name_scopes")
      scopes = &value;
    else if (key == "namespace")
      space = &value;
  }
  if (scopes)
    if (std::optional<llvm::SmallVector<std::string, 8>> parsed = parsePythonStrings(*scopes))
      return innermostModule(*parsed);
  if (space)
    return innermostModule(parseNamespace(*space));
  return std::nullopt;
}

ModuleEvidence metadataEvidence(const Dataflow &flow, ModuleTree &tree) {
  ModuleEvidence evidence(flow.size(), ModuleTree::None);
  for (uint32_t node = 0; node < flow.size(); ++node)
    if (std::optional<std::string> path = metadataModulePath(flow.node(node)))
      evidence[node] = tree.intern(*path);
  return evidence;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading `--set`.

#include "Recipe/Settings.h"

#include "Recipe/YamlErrors.h"
#include "Recipe/YamlReader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun {

std::vector<Setting> addSettings(RecipeSettings settings, Diagnostics &diagnostics) {
  std::vector<Setting> result;
  for (const auto &[name, value] : settings) {
    auto buffer =
        llvm::MemoryBuffer::getMemBufferCopy((llvm::Twine(name) + "=" + value).str(), "--set");
    llvm::StringRef text = buffer->getBuffer();
    diagnostics.sources().AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
    llvm::erase_if(result, [&](const Setting &earlier) { return earlier.name == name; });
    result.push_back(
        {name, llvm::SMLoc::getFromPointer(text.data()), text.drop_front(name.size() + 1)});
  }
  return result;
}

std::optional<ConfigNode> readSetting(const Setting &setting, RecipeParameter::Type type,
                                      llvm::StringRef callerFolder, Diagnostics &diagnostics) {
  llvm::StringRef text = setting.value;
  if (!checkCharacters(text, diagnostics))
    return std::nullopt;
  bool isQuoted = text.size() >= 2 && text.front() == text.back() &&
                  (text.front() == '"' || text.front() == '\'');
  if (isQuoted || (type == RecipeParameter::Type::List && text.starts_with("["))) {
    std::optional<ConfigNode> node = readYaml(text, callerFolder, diagnostics);
    if (!node || node->kind != ConfigNode::Kind::Scalar || type != RecipeParameter::Type::List)
      return node;
  }
  ConfigNode node;
  node.kind = ConfigNode::Kind::Scalar;
  node.scalar = text;
  node.range = {llvm::SMLoc::getFromPointer(text.begin()), llvm::SMLoc::getFromPointer(text.end())};
  node.baseFolder = callerFolder;
  if (type != RecipeParameter::Type::List)
    return node;
  ConfigNode list = node;
  list.kind = ConfigNode::Kind::Sequence;
  list.scalar.clear();
  list.items.push_back(std::move(node));
  return list;
}

void reportUnknownSettings(llvm::ArrayRef<Setting> settings,
                           llvm::ArrayRef<ParameterDeclaration> declarations,
                           Diagnostics &diagnostics) {
  std::vector<std::string> names;
  for (const ParameterDeclaration &declaration : declarations)
    names.push_back(declaration.name);
  for (const Setting &setting : settings) {
    if (llvm::is_contained(names, setting.name))
      continue;
    std::string suggestion = suggestName(setting.name, names);
    std::string hint = "; it takes none";
    if (!suggestion.empty())
      hint = "; did you mean '" + suggestion + "'?";
    else if (!names.empty())
      hint = "; there are: " + llvm::join(names, ", ");
    diagnostics.error(setting.location,
                      "the recipe has no parameter '" + setting.name + "'" + hint);
  }
}

} // namespace optrun

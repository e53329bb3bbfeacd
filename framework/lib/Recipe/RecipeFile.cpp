// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The structure of a recipe file: its keys and its steps.

#include "Recipe/RecipeFile.h"

#include "Options/Scalars.h"
#include "Recipe/Keys.h"
#include "Recipe/YamlReader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace optrun {
namespace {

class RecipeFileReader {
public:
  RecipeFileReader(RecipeFile &file, Diagnostics &diagnostics)
      : file(file), diagnostics(diagnostics) {}

  /// False when the rest is not worth reading.
  bool readVersion(const ConfigNode &root);
  void read(const ConfigNode &root);

private:
  void error(llvm::SMLoc location, const llvm::Twine &message) {
    diagnostics.error(location, message);
  }
  std::optional<std::string> readName(const ConfigNode &root, llvm::StringRef key);
  void readExtends(const ConfigNode &node);
  void readPlugins(const ConfigNode &node);
  void readSteps(const ConfigNode &node);
  std::optional<RecipeStep> readStep(const ConfigNode &node);
  const ConfigEntry *findPass(const ConfigNode &node);
  bool readOptions(const ConfigEntry &pass, RecipeStep &step);
  bool readModifiers(const ConfigNode &node, RecipeStep &step);

  RecipeFile &file;
  Diagnostics &diagnostics;
};

/// What stands where a text of at least one character is wanted.
std::string describeValue(const ConfigNode &node) {
  bool isEmpty = node.kind == ConfigNode::Kind::Scalar && node.scalar.empty();
  return isEmpty ? "nothing" : describeNode(node);
}

bool isModifier(llvm::StringRef key) { return key == "as" || key == "before" || key == "after"; }

bool isPassId(llvm::StringRef id) {
  return !id.empty() && llvm::isLower(id.front()) && id.back() != '-' && !id.contains("--") &&
         llvm::all_of(id, [](char c) { return llvm::isLower(c) || llvm::isDigit(c) || c == '-'; });
}

bool RecipeFileReader::readVersion(const ConfigNode &root) {
  const ConfigNode *node = root.find("recipe");
  if (!node) {
    error(root.location(), "missing key 'recipe: " + llvm::Twine(recipeVersion) +
                               "', the version of the format; is this a recipe?");
    return true;
  }
  llvm::Expected<int64_t> version = readInteger(*node);
  if (!version) {
    error(node->location(), "the version of the format " + llvm::toString(version.takeError()) +
                                "; write 'recipe: " + llvm::Twine(recipeVersion) + "'");
    return true;
  }
  if (*version == recipeVersion)
    return true;
  error(node->location(), "recipes of version " + llvm::Twine(*version) +
                              " cannot be read; this is opt-run for version " +
                              llvm::Twine(recipeVersion));
  return false;
}

std::optional<std::string> RecipeFileReader::readName(const ConfigNode &root, llvm::StringRef key) {
  const ConfigNode *node = root.find(key);
  if (!node)
    return std::nullopt;
  if (node->kind == ConfigNode::Kind::Scalar && !node->scalar.empty())
    return node->scalar;
  error(node->location(), "'" + key + "' must be a text, not " + describeValue(*node));
  return std::nullopt;
}

void RecipeFileReader::readExtends(const ConfigNode &node) {
  file.hasExtends = true;
  if (node.kind != ConfigNode::Kind::Scalar || node.scalar.empty())
    error(node.location(), "'extends' must be the path of a recipe, relative to this one, not " +
                               describeValue(node));
  else if (llvm::StringRef(node.scalar).contains("${"))
    error(node.location(), "'extends' cannot refer to parameters");
  else
    file.extends = node;
}

void RecipeFileReader::readPlugins(const ConfigNode &node) {
  if (node.kind != ConfigNode::Kind::Sequence) {
    error(node.location(),
          "'plugins' must be a list of paths of libraries, not " + describeNode(node));
    return;
  }
  for (const ConfigNode &item : node.items) {
    if (item.kind == ConfigNode::Kind::Scalar && !item.scalar.empty())
      file.plugins.push_back(item);
    else
      error(item.location(), "a plugin is the path of a library, not " + describeValue(item));
  }
}

/// The entry of a step that names its pass.
const ConfigEntry *RecipeFileReader::findPass(const ConfigNode &node) {
  const ConfigEntry *pass = nullptr;
  for (const ConfigEntry &entry : node.entries) {
    if (isModifier(entry.key))
      continue;
    if (!pass) {
      pass = &entry;
      continue;
    }
    error(entry.keyRange.Start,
          "'" + entry.key + "' stands beside '" + pass->key +
              "': indent it deeper if it is an option of that pass, start it with '- ' if it is a "
              "pass of its own");
    file.stepsAreBroken = true;
    return nullptr;
  }
  if (!pass)
    error(node.location(), "a step names a pass: '- capture: {model: ...}'");
  return pass;
}

bool RecipeFileReader::readOptions(const ConfigEntry &pass, RecipeStep &step) {
  const ConfigNode &value = pass.value;
  if (value.kind == ConfigNode::Kind::Scalar && value.scalar == "off") {
    step.isOff = true;
    return true;
  }
  if (value.kind != ConfigNode::Kind::Mapping && value.kind != ConfigNode::Kind::Null) {
    error(value.location(), "the options of '" + pass.key +
                                "' must be a mapping of names to values, not " +
                                describeNode(value) +
                                (value.kind == ConfigNode::Kind::Scalar && value.scalar == "false"
                                     ? "; to leave out a pass of the base recipe write off"
                                     : ""));
    return false;
  }
  step.options = value;
  step.options.range = pass.keyRange;
  return true;
}

bool RecipeFileReader::readModifiers(const ConfigNode &node, RecipeStep &step) {
  bool good = true;
  for (const ConfigEntry &entry : node.entries) {
    if (!isModifier(entry.key))
      continue;
    if (entry.value.kind != ConfigNode::Kind::Scalar || !isPassId(entry.value.scalar)) {
      error(entry.value.location(), "'" + entry.key +
                                        "' must be the name of a step (small letters, digits and "
                                        "'-'), not " +
                                        describeNode(entry.value));
      good = false;
    } else if (entry.key == "as") {
      step.name = entry.value.scalar;
      step.nameRange = entry.value.range;
      step.hasOwnName = true;
    } else if (step.place) {
      error(entry.keyRange.Start, "a step goes before or after another, not both");
      good = false;
    } else if (!file.hasExtends) {
      error(entry.keyRange.Start, "'" + entry.key +
                                      "' places a step among those of a base recipe, and this "
                                      "recipe extends none");
      good = false;
    } else {
      step.place = {entry.key == "before", entry.value.scalar, entry.value.location()};
    }
  }
  return good;
}

std::optional<RecipeStep> RecipeFileReader::readStep(const ConfigNode &node) {
  if (node.kind == ConfigNode::Kind::Scalar && isPassId(node.scalar)) {
    error(node.location(), "a pass without options is written '- " + node.scalar + ": {}'");
    return std::nullopt;
  }
  if (node.kind != ConfigNode::Kind::Mapping) {
    error(node.location(),
          "a step is written '- capture: {model: ...}', and this is " + describeNode(node));
    return std::nullopt;
  }
  const ConfigEntry *pass = findPass(node);
  if (!pass)
    return std::nullopt;
  if (!isPassId(pass->key)) {
    error(pass->keyRange.Start, "'" + pass->key +
                                    "' cannot be the name of a pass: small letters, digits and "
                                    "'-' only");
    return std::nullopt;
  }
  RecipeStep step;
  step.id = step.name = pass->key;
  step.idRange = step.nameRange = pass->keyRange;
  bool good = readOptions(*pass, step);
  good &= readModifiers(node, step);
  if (good && step.isOff && !file.hasExtends) {
    error(pass->keyRange.Start, "'" + pass->key +
                                    ": off' takes a step out of a base recipe, and this recipe "
                                    "extends none");
    good = false;
  }
  return good ? std::optional(std::move(step)) : std::nullopt;
}

void RecipeFileReader::readSteps(const ConfigNode &node) {
  if (node.kind != ConfigNode::Kind::Sequence || node.items.empty()) {
    file.stepsAreBroken = true;
    error(node.location(),
          node.kind == ConfigNode::Kind::Sequence || node.kind == ConfigNode::Kind::Null
              ? "'passes' is empty; a recipe has at least one: '- capture: {model: ...}'"
              : "'passes' must be a list ('- capture: {model: ...}'), not " + describeNode(node));
    return;
  }
  for (const ConfigNode &item : node.items) {
    if (std::optional<RecipeStep> step = readStep(item))
      file.steps.push_back(std::move(*step));
    else
      file.stepsAreBroken = true;
  }
}

void RecipeFileReader::read(const ConfigNode &root) {
  std::vector<std::string> suggested = reportUnknownKeys(
      root, {"recipe", "name", "description", "extends", "parameters", "plugins", "passes"},
      diagnostics);
  file.name = readName(root, "name");
  file.description = readName(root, "description");
  // An `extends` that is misspelt counts: what needs a base recipe is no further error.
  file.hasExtends = llvm::is_contained(suggested, "extends");
  if (const ConfigNode *extends = root.find("extends"))
    readExtends(*extends);
  if (const ConfigNode *parameters = root.find("parameters"))
    file.parameters = readDeclarations(*parameters, diagnostics);
  if (const ConfigNode *plugins = root.find("plugins"))
    readPlugins(*plugins);
  if (const ConfigNode *passes = root.find("passes"))
    readSteps(*passes);
  else if (llvm::is_contained(suggested, "passes"))
    file.stepsAreBroken = true;
}

} // namespace

std::unique_ptr<llvm::MemoryBuffer> openRecipe(llvm::StringRef path, llvm::SMLoc location,
                                               Diagnostics &diagnostics) {
  auto fail = [&](const llvm::Twine &reason) {
    diagnostics.error(location, "cannot read recipe '" + path + "': " + reason);
    return nullptr;
  };
  llvm::sys::fs::file_status status;
  if (std::error_code code = llvm::sys::fs::status(path, status))
    return fail(code.message());
  if (llvm::sys::fs::is_directory(status))
    return fail("it is a folder");
  // A pipe is fine (process substitution); a device may never end.
  bool isPipe = status.type() == llvm::sys::fs::file_type::fifo_file;
  if (!isPipe && !llvm::sys::fs::is_regular_file(status))
    return fail("it is no file");
  if (!isPipe && status.getSize() > maxYamlBytes)
    return fail("it is larger than " + llvm::Twine(maxYamlBytes >> 20) + " MiB");
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/true,
                                            /*IsVolatile=*/true);
  if (!buffer)
    return fail(buffer.getError().message());
  return std::move(*buffer);
}

std::optional<RecipeFile> readRecipeFile(std::unique_ptr<llvm::MemoryBuffer> text,
                                         Diagnostics &diagnostics) {
  RecipeFile file;
  file.path = text->getBufferIdentifier();
  file.folder = llvm::sys::path::parent_path(file.path);
  llvm::StringRef contents = text->getBuffer();
  diagnostics.sources().AddNewSourceBuffer(std::move(text), llvm::SMLoc());
  file.location = llvm::SMLoc::getFromPointer(contents.data());

  std::optional<ConfigNode> root = readYaml(contents, file.folder, diagnostics);
  if (!root)
    return std::nullopt;
  if (root->kind == ConfigNode::Kind::Null) {
    diagnostics.error(file.location, "the recipe is empty; it starts with 'recipe: " +
                                         llvm::Twine(recipeVersion) + "'");
    return std::nullopt;
  }
  if (root->kind != ConfigNode::Kind::Mapping) {
    diagnostics.error(root->location(), "a recipe is a mapping that starts with 'recipe: " +
                                            llvm::Twine(recipeVersion) + "', and this is " +
                                            describeNode(*root));
    return std::nullopt;
  }
  file.location = root->location();
  RecipeFileReader reader(file, diagnostics);
  if (!reader.readVersion(*root))
    return std::nullopt;
  reader.read(*root);
  return file;
}

} // namespace optrun

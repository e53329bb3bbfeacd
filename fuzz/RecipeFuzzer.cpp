// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Recipes from arbitrary bytes: no crash, and a recipe without errors prints as one that reads
/// back the same. Lines after a line "--set" are settings.

#include "optrun/Options/ConfigPrinter.h"
#include "optrun/Recipe/Recipe.h"

#include "llvm/Support/JSON.h"

#include <cstdlib>

using namespace optrun;

namespace {

enum class Mode { Symmetric, Asymmetric };

/// Every kind of option, nested.
struct Options {
  bool flag = false;
  int64_t count = 1;
  double ratio = 0.5;
  std::string text;
  ByteSize size;
  FilePath path;
  Mode mode = Mode::Symmetric;
  std::optional<int64_t> maybe;
  std::vector<std::string> list;
  std::vector<Options> nested;

  static void bind(OptionBinder<Options> &bind) {
    bind.option("flag", &Options::flag, "");
    bind.option("count", &Options::count, "").range(0, 100);
    bind.option("ratio", &Options::ratio, "").above(0);
    bind.option("text", &Options::text, "");
    bind.option("size", &Options::size, "");
    bind.option("path", &Options::path, "");
    bind.option("mode", &Options::mode, "")
        .values({{"symmetric", Mode::Symmetric}, {"asymmetric", Mode::Asymmetric}});
    bind.option("maybe", &Options::maybe, "");
    bind.option("list", &Options::list, "");
    bind.option("nested", &Options::nested, "");
  }
};

void require(bool condition) {
  if (!condition)
    std::abort();
}

std::string printed(const Recipe &recipe) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printRecipe(recipe, os);
  return text;
}

void checkOptions(const Recipe &recipe, Diagnostics &diagnostics) {
  OptionSchema schema = OptionSchema::of<Options>();
  for (const RecipePass &pass : recipe.passes) {
    unsigned before = diagnostics.errorCount();
    std::optional<ConfigNode> resolved = schema.resolve(pass.options, diagnostics);
    require(!resolved || diagnostics.errorCount() == before);
    if (!resolved)
      continue;
    llvm::Expected<llvm::json::Value> json = llvm::json::parse(toJson(*resolved));
    require(!!json);
    std::optional<ConfigNode> again = schema.resolve(*resolved, diagnostics);
    require(again && toJson(*again) == toJson(*resolved));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef input(reinterpret_cast<const char *>(data), size);
  if (input.contains("extends"))
    return 0; // would read files
  auto [text, lines] = input.split("\n--set\n");
  std::vector<std::pair<std::string, std::string>> settings;
  while (!lines.empty()) {
    auto [line, rest] = lines.split('\n');
    auto [name, value] = line.split('=');
    settings.emplace_back(name.str(), value.str());
    lines = rest;
  }

  std::string rendered;
  llvm::raw_string_ostream stream(rendered);
  Diagnostics diagnostics(&stream);
  std::optional<Recipe> recipe = readRecipe(
      llvm::MemoryBuffer::getMemBufferCopy(text, "recipe.yaml"), settings, "caller", diagnostics);
  require(recipe || diagnostics.errorCount() > 0);
  if (!recipe)
    return 0;
  bool good = diagnostics.errorCount() == 0;
  checkOptions(*recipe, diagnostics);
  if (!good)
    return 0;

  std::string first = printed(*recipe);
  Diagnostics ofPrinted(nullptr);
  std::optional<Recipe> again =
      readRecipe(llvm::MemoryBuffer::getMemBufferCopy(first, "printed.yaml"), {}, "", ofPrinted);
  require(again && ofPrinted.errorCount() == 0);
  require(printed(*again) == first && again->passes.size() == recipe->passes.size());
  return 0;
}

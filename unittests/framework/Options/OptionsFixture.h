// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Options structs to test with, and reading them from YAML.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_OPTIONS_OPTIONSFIXTURE_H
#define OPTRUN_UNITTESTS_FRAMEWORK_OPTIONS_OPTIONSFIXTURE_H

#include "optrun/Options/Options.h"
#include "optrun/Recipe/Recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optrun::test {

/// \p yaml, a mapping in block or flow style, as options of the one pass of a recipe. Its text
/// stands at column 5 of lines 3 and on; the pass at 2:10.
inline ConfigNode optionsNode(llvm::StringRef yaml, Diagnostics &diagnostics,
                              llvm::StringRef path = "recipe.yaml") {
  std::string text = "recipe: 1\npasses: [{pass: {}}]\n";
  if (!yaml.empty()) {
    text = "recipe: 1\npasses:\n- pass:\n";
    llvm::SmallVector<llvm::StringRef> lines;
    yaml.split(lines, '\n');
    for (llvm::StringRef line : lines)
      text += "    " + line.str() + "\n";
  }
  auto recipe = readRecipe(llvm::MemoryBuffer::getMemBufferCopy(text, path), {}, "", diagnostics);
  return recipe && !recipe->passes.empty() ? recipe->passes.front().options : ConfigNode();
}

/// What reading \p yaml as options of type \p T gives, with all diagnostics, each on a line.
template <typename T> struct Read {
  T options;
  bool good = false;
  std::string messages;

  explicit Read(llvm::StringRef yaml, llvm::StringRef path = "recipe.yaml") {
    Diagnostics diagnostics(nullptr);
    ConfigNode node = optionsNode(yaml, diagnostics, path);
    good = OptionSchema::of<T>().parse(node, options, diagnostics);
    for (const Diagnostic &each : diagnostics.all())
      messages += diagnostics.format(each) + "\n";
    EXPECT_EQ(good, diagnostics.errorCount() == 0) << messages;
  }
};

enum class Balance { Layers, Bytes };

/// One option of each type.
struct AllTypes {
  bool flag = false;
  int64_t count = 3;
  uint8_t small = 4;
  double ratio = 0.5;
  std::string text = "auto";
  ByteSize size{1'000'000};
  FilePath path;
  Balance balance = Balance::Bytes;
  std::optional<int64_t> maybe;
  std::vector<std::string> names = {"all"};
  std::vector<Balance> balances;
  std::optional<std::vector<int64_t>> maybeList;

  bool operator==(const AllTypes &) const = default;

  static void bind(OptionBinder<AllTypes> &bind) {
    bind.option("flag", &AllTypes::flag, "A switch.");
    bind.option("count", &AllTypes::count, "A count.").range(1, 65536);
    bind.option("small", &AllTypes::small, "A small count.");
    bind.option("ratio", &AllTypes::ratio, "A ratio.").above(0).max(1);
    bind.option("text", &AllTypes::text, "A text.").nonEmpty();
    bind.option("size", &AllTypes::size, "A size.").min({1'000}).max({2'000'000'000});
    bind.option("path", &AllTypes::path, "A path.");
    bind.option("balance", &AllTypes::balance, "What to make equal.")
        .values({{"layers", Balance::Layers, "as many layers in each"},
                 {"bytes", Balance::Bytes, "as many bytes in each"}});
    bind.option("maybe", &AllTypes::maybe, "A count or none.").min(0);
    bind.option("names", &AllTypes::names, "Names.").nonEmpty();
    bind.option("balances", &AllTypes::balances, "Several.")
        .values({{"layers", Balance::Layers}, {"bytes", Balance::Bytes}});
    bind.option("maybe-list", &AllTypes::maybeList, "Counts or none.").oneOf({1, 2, 4, 8});
  }
};

struct Device {
  std::string name;
  ByteSize memory;
  std::optional<double> flops;

  bool operator==(const Device &) const = default;

  static void bind(OptionBinder<Device> &bind) {
    bind.option("name", &Device::name, "Its name.").required().nonEmpty();
    bind.option("memory", &Device::memory, "Its memory.").required().min({1});
    bind.option("flops", &Device::flops, "Operations per second.").above(0);
  }
};

/// What split-by-memory has: one of two must be given, one is a list of structs.
struct SplitOptions {
  std::optional<ByteSize> memory;
  std::vector<Device> devices;
  int64_t blockSize = 32;

  bool operator==(const SplitOptions &) const = default;

  static void bind(OptionBinder<SplitOptions> &bind) {
    bind.option("memory", &SplitOptions::memory, "Memory of each device.");
    bind.option("devices", &SplitOptions::devices, "The devices, first to last.")
        .check([](const std::vector<Device> &devices) { return devices.size() <= 3; },
               "must have at most 3 devices");
    bind.option("block-size", &SplitOptions::blockSize, "Values in a block.")
        .check([](int64_t size) { return (size & (size - 1)) == 0; }, "must be a power of two");
    bind.check(
        [](const SplitOptions &options) {
          return options.memory.has_value() == options.devices.empty();
        },
        "give either 'memory' or 'devices'", "devices");
  }
};

/// What is required, and a struct that is no element of a list.
struct ExportOptions {
  struct Layout {
    int64_t alignment = 64;
    std::string order = "rows";
    bool operator==(const Layout &) const = default;
    static void bind(OptionBinder<Layout> &bind) {
      bind.option("alignment", &Layout::alignment, "Bytes.").min(1);
      bind.option("order", &Layout::order, "Rows or columns.");
    }
  };
  FilePath output;
  int64_t opset = 0;
  Layout layout;

  bool operator==(const ExportOptions &) const = default;

  static void bind(OptionBinder<ExportOptions> &bind) {
    bind.option("output", &ExportOptions::output, "Where to.").required().nonEmpty();
    bind.option("opset", &ExportOptions::opset, "Which operators.").required();
    bind.option("layout", &ExportOptions::layout, "How tensors lie in the file.");
  }
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_OPTIONS_OPTIONSFIXTURE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where plugins put their passes and the driver finds them.

#ifndef OPTRUN_PASS_PASSREGISTRY_H
#define OPTRUN_PASS_PASSREGISTRY_H

#include "optrun/Pass/Pass.h"

#include <concepts>
#include <functional>
#include <map>

namespace optrun {

/// What a pass works on; says which class its Pass is derived from.
enum class PassAnchor { Package, Component };

/// A registered pass: its description and how to make one from a recipe's options.
struct PassEntry {
  PassInfo info;
  std::string plugin; // the library's path, for messages; empty for a pass of the program itself
  PassAnchor anchor = PassAnchor::Package;
  OptionSchema options;
  /// Parses \p options (a mapping or null), reports every problem, and returns the pass or null.
  std::function<std::unique_ptr<Pass>(const ConfigNode &options, Diagnostics &diagnostics)> create;
};

/// Kebab-case: lower-case letters and digits in words with single dashes between, a letter first.
bool isPassId(llvm::StringRef text);

class PassRegistry {
public:
  /// Registers \p P, which has an Options type, a static info() and a constructor from Options.
  /// What is wrong with it (an id that is taken or no kebab-case) is found in takeError().
  template <typename P> void add();
  /// An error when the id is taken; names both plugins.
  llvm::Error add(PassEntry entry);
  /// The errors of add<P>() since the last call.
  llvm::Error takeError();

  const PassEntry *find(llvm::StringRef id) const;
  /// In order of id.
  std::vector<const PassEntry *> all() const;

private:
  void addOrKeepError(PassEntry entry);

  std::map<std::string, PassEntry, std::less<>> entries;
  std::vector<std::string> errors;
};

/// Where a recipe's passes come from.
class PassResolver {
public:
  virtual ~PassResolver();
  /// Null when there is no such pass; an error when there is one that cannot be used.
  virtual llvm::Expected<const PassEntry *> resolve(llvm::StringRef id) = 0;
  /// Makes the library at \p path one of the sources.
  virtual llvm::Error load(llvm::StringRef path) = 0;
  virtual std::vector<std::string> knownIds() = 0;
  /// What went wrong with sources that were not asked for by name; may explain a missing pass.
  virtual std::vector<std::string> problems() const { return {}; }
};

/// Only the passes that are in a registry; for tests and for programs that bring their own.
class RegistryResolver final : public PassResolver {
public:
  explicit RegistryResolver(const PassRegistry &registry) : registry(registry) {}
  llvm::Expected<const PassEntry *> resolve(llvm::StringRef id) override;
  llvm::Error load(llvm::StringRef path) override;
  std::vector<std::string> knownIds() override;

private:
  const PassRegistry &registry;
};

template <typename P> void PassRegistry::add() {
  using Options = typename P::Options;
  static_assert(std::derived_from<P, PackagePass> || std::derived_from<P, ComponentPass>,
                "a pass is derived from PackagePass or ComponentPass");
  static_assert(std::constructible_from<P, Options>, "a pass is constructed from its Options");
  PassEntry entry;
  entry.info = P::info();
  entry.anchor = std::derived_from<P, ComponentPass> ? PassAnchor::Component : PassAnchor::Package;
  entry.options = OptionSchema::of<Options>();
  entry.create = [](const ConfigNode &node, Diagnostics &diagnostics) -> std::unique_ptr<Pass> {
    Options options;
    if (!OptionSchema::of<Options>().parse(node, options, diagnostics))
      return nullptr;
    return std::make_unique<P>(std::move(options));
  };
  addOrKeepError(std::move(entry));
}

} // namespace optrun

#endif // OPTRUN_PASS_PASSREGISTRY_H

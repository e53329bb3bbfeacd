// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where plugins put their passes and the driver finds them.

#ifndef OPTRUN_PASS_PASSREGISTRY_H
#define OPTRUN_PASS_PASSREGISTRY_H

#include "optrun/Pass/Pass.h"

#include <functional>
#include <map>

namespace optrun {

/// A registered pass: its description and how to make one from a recipe's options.
struct PassEntry {
  PassInfo info;
  std::string plugin; // the library's name, for messages
  OptionSchema options;
  /// Parses \p options (a mapping or null), reports every problem, and returns the pass or null.
  std::function<std::unique_ptr<Pass>(const ConfigNode &options, Diagnostics &diagnostics)> create;
};

class PassRegistry {
public:
  /// Registers \p P, which has an Options type, a static info() and a constructor from Options.
  template <typename P> void add();
  /// An error when the id is taken; names both plugins.
  llvm::Error add(PassEntry entry);

  const PassEntry *find(llvm::StringRef id) const;
  /// In order of id.
  std::vector<const PassEntry *> all() const;

private:
  std::map<std::string, PassEntry, std::less<>> entries;
};

} // namespace optrun

#endif // OPTRUN_PASS_PASSREGISTRY_H

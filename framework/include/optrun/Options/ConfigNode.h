// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tree that recipes are read into: located nodes, parsed by us into typed options. Nothing of
/// the YAML library shows here.

#ifndef OPTRUN_OPTIONS_CONFIGNODE_H
#define OPTRUN_OPTIONS_CONFIGNODE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SMLoc.h"

#include <string>
#include <vector>

namespace optrun {

struct ConfigEntry;

/// A scalar keeps its text: typing is the reader's business ("010", yes/no and 1e3 mean what the
/// option's type says, not what YAML guesses).
struct ConfigNode {
  /// Error: a value that could not be found out, with the error reported already; readers skip it.
  enum class Kind { Null, Scalar, Sequence, Mapping, Error };

  Kind kind = Kind::Null;
  llvm::SMRange range;
  std::string scalar;
  bool quoted = false;
  std::vector<ConfigNode> items;
  std::vector<ConfigEntry> entries; // in file order, keys unique
  /// Relative paths in this node are relative to this folder (that of the recipe, or the caller's
  /// for values given with --set).
  std::string baseFolder;

  llvm::SMLoc location() const { return range.Start; }
  const ConfigNode *find(llvm::StringRef key) const;
};

struct ConfigEntry {
  std::string key;
  llvm::SMRange keyRange;
  ConfigNode value;
};

} // namespace optrun

#endif // OPTRUN_OPTIONS_CONFIGNODE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reporting unknown keys.

#include "Recipe/Keys.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun {

std::vector<std::string> reportUnknownKeys(const ConfigNode &mapping,
                                           llvm::ArrayRef<std::string> known,
                                           Diagnostics &diagnostics) {
  std::vector<std::string> suggested;
  for (const ConfigEntry &entry : mapping.entries) {
    if (llvm::is_contained(known, entry.key))
      continue;
    std::string suggestion = suggestName(entry.key, known);
    diagnostics.error(entry.keyRange.Start,
                      "unknown key '" + entry.key + "'" +
                          (suggestion.empty() ? "; known: " + llvm::join(known, ", ")
                                              : "; did you mean '" + suggestion + "'?"));
    if (!suggestion.empty())
      suggested.push_back(std::move(suggestion));
  }
  return suggested;
}

} // namespace optrun

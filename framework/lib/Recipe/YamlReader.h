// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// YAML text into located configuration nodes.

#ifndef OPTRUN_LIB_RECIPE_YAMLREADER_H
#define OPTRUN_LIB_RECIPE_YAMLREADER_H

#include "optrun/Options/ConfigNode.h"
#include "optrun/Support/Diagnostics.h"

#include <optional>

namespace optrun {

// What a recipe never needs; beyond it a file is hostile or a mistake.
inline constexpr size_t maxYamlBytes = size_t(4) << 20;
inline constexpr size_t maxYamlNodes = 100'000; // aliases count as what they stand for
inline constexpr size_t maxYamlDepth = 64;

/// Reads the one document that \p text is; \p text lies in a source of \p diagnostics. Every
/// problem is reported; nothing when the text is no YAML. Anchors and aliases are resolved; merge
/// keys, tags, duplicate keys and keys other than texts are errors. An empty document is a null
/// node.
std::optional<ConfigNode> readYaml(llvm::StringRef text, llvm::StringRef baseFolder,
                                   Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_YAMLREADER_H

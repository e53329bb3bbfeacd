// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ConfigNode trees as text: YAML for people, JSON for programs.

#ifndef OPTRUN_OPTIONS_CONFIGPRINTER_H
#define OPTRUN_OPTIONS_CONFIGPRINTER_H

#include "optrun/Options/ConfigNode.h"

#include "llvm/Support/raw_ostream.h"

#include <string>

namespace optrun {

/// Block style, small mappings and lists of scalars in flow style; ends with a newline. Reads back
/// to an equal tree. Texts that YAML would take for something else are quoted; only those. Lines
/// after the first, or all when \p node is not a scalar, are indented by \p indent.
void printYaml(const ConfigNode &node, llvm::raw_ostream &os, unsigned indent = 0);

/// One scalar, list or mapping on one line, without a newline.
std::string toFlowYaml(const ConfigNode &node);

/// Compact. Quoted scalars are strings; others are numbers and booleans where JSON has such, else
/// strings.
std::string toJson(const ConfigNode &node);

} // namespace optrun

#endif // OPTRUN_OPTIONS_CONFIGPRINTER_H

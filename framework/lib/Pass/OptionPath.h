// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds an option in a recipe by its name.

#ifndef OPTRUN_LIB_PASS_OPTIONPATH_H
#define OPTRUN_LIB_PASS_OPTIONPATH_H

#include "optrun/Pass/Pipeline.h"

namespace optrun {

/// The value of \p option below \p options: "output", "devices[1].memory". Where the path leaves
/// the tree, the last node on it that exists; an invalid location when not even its first part
/// does.
llvm::SMLoc locateOption(const ConfigNode &options, llvm::StringRef option);

/// The same below the options of a pass; the pass itself where these have no such value.
llvm::SMLoc locateOption(const PassRequest &request, llvm::StringRef option);

} // namespace optrun

#endif // OPTRUN_LIB_PASS_OPTIONPATH_H

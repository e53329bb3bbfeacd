// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds an option in a recipe by its name.

#ifndef OPTRUN_LIB_PASS_OPTIONPATH_H
#define OPTRUN_LIB_PASS_OPTIONPATH_H

#include "optrun/Options/ConfigNode.h"

namespace optrun {

/// The value of \p option below \p options: "output", "devices[1].memory". Where the path leaves
/// the tree, the last node on it that exists; an invalid location when not even its first part
/// does.
llvm::SMLoc locateOption(const ConfigNode &options, llvm::StringRef option);

} // namespace optrun

#endif // OPTRUN_LIB_PASS_OPTIONPATH_H

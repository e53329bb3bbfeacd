// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reads, checks and runs a recipe.

#ifndef OPTRUN_TOOLS_OPTRUN_RUNRECIPE_H
#define OPTRUN_TOOLS_OPTRUN_RUNRECIPE_H

#include "CommandLine.h"

#include "optrun/Plugin/PluginLoader.h"

namespace optrun {

/// The modes with a recipe. Says on standard error what is wrong.
ExitCode runRecipe(const CommandLine &commandLine, PluginLoader &loader);

} // namespace optrun

#endif // OPTRUN_TOOLS_OPTRUN_RUNRECIPE_H

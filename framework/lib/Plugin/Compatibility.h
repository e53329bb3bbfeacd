// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Whether a plugin's build and ours can call each other.

#ifndef OPTRUN_LIB_PLUGIN_COMPATIBILITY_H
#define OPTRUN_LIB_PLUGIN_COMPATIBILITY_H

#include "Plugin/ElfNote.h"

namespace optrun {

/// This library's own ABI version and fingerprint.
ElfNote hostNote();

/// An error that says in which way \p plugin was built differently, and what to do; \p host is
/// hostNote() but for tests.
llvm::Error checkCompatible(const ElfNote &plugin, const ElfNote &host);

} // namespace optrun

#endif // OPTRUN_LIB_PLUGIN_COMPATIBILITY_H

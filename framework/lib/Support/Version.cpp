// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The version of the framework.

#include "optrun/Support/Version.h"

llvm::StringRef optrun::versionString() { return OPTRUN_VERSION; }

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The version of the framework.

#ifndef OPTRUN_SUPPORT_VERSION_H
#define OPTRUN_SUPPORT_VERSION_H

#include "llvm/ADT/StringRef.h"

namespace optrun {

/// "major.minor.patch" of libOptRun, as it was built.
llvm::StringRef versionString();

} // namespace optrun

#endif // OPTRUN_SUPPORT_VERSION_H

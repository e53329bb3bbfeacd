// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The fingerprint of the including file's build: what C++ code must have in common to be called
/// across a library boundary, field by field, so that a mismatch can be named.

#ifndef OPTRUN_PLUGIN_FINGERPRINT_H
#define OPTRUN_PLUGIN_FINGERPRINT_H

#include "optrun/Plugin/BuildFingerprint.h"

/// "field=value;field=value": a string literal.
#define OPTRUN_FINGERPRINT                                                                         \
  "headers=" OPTRUN_FINGERPRINT_HEADERS ";llvm=" OPTRUN_FINGERPRINT_LLVM                           \
  ";stdlib=" OPTRUN_FINGERPRINT_STDLIB ";assertions=" OPTRUN_FINGERPRINT_ASSERTS                   \
  ";sanitizers=" OPTRUN_FINGERPRINT_SANITIZERS

#endif // OPTRUN_PLUGIN_FINGERPRINT_H

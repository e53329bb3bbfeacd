// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What makes the type of an error known in all libraries.

#include "optrun/Support/OptionError.h"

char optrun::OptionError::ID = 0;

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of the framework's version.

#include "optrun/Support/Version.h"

#include <gtest/gtest.h>

TEST(Version, hasThreeNumbers) { EXPECT_EQ(optrun::versionString().count('.'), 2u); }

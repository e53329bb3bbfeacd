// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Limits of numbers. That conversions are right is tested with sources (TensorSourceTest.cpp).

#include "optrun/IR/FloatScalars.h"

#include <gtest/gtest.h>
#include <limits>

using namespace optrun::ir;

namespace {

TEST(FloatScalars, TheLargestFiniteNumberIsTheOneBeforeInfinity) {
  EXPECT_EQ(largestFinite(DataType::Float16), toFloat(Float16{0x7bff}));
  EXPECT_EQ(largestFinite(DataType::BFloat16), toFloat(BFloat16{0x7f7f}));
  EXPECT_EQ(largestFinite(DataType::Float32), std::numeric_limits<float>::max());
}

} // namespace

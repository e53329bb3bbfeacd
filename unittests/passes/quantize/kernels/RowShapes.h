// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows of values that are hard for a quantizer, and the instruction sets to try them on.

#ifndef OPTRUN_UNITTESTS_PASSES_QUANTIZE_KERNELS_ROWSHAPES_H
#define OPTRUN_UNITTESTS_PASSES_QUANTIZE_KERNELS_ROWSHAPES_H

#include "kernels/BlockQuantizer.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <vector>

namespace optrun::quantize {

struct Row {
  std::string name;
  std::vector<float> values;
};

std::vector<float> normalValues(size_t count, float deviation, uint64_t seed = 1);

/// Odd sizes, ties, constants, one value, extremes of float32.
std::vector<Row> rows();

std::string describe(const Grid &grid);

/// Runs each test with each of Highway's instruction sets, in a program that has them.
class OnEveryTarget : public testing::TestWithParam<int64_t> {
protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  template <typename Function> auto onSlowestTarget(Function function) const {
    hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets().back());
    auto result = function();
    hwy::SetSupportedTargetsForTest(GetParam());
    return result;
  }
};

inline auto everyTarget() { return testing::ValuesIn(hwy::SupportedAndGeneratedTargets()); }

} // namespace optrun::quantize

#endif // OPTRUN_UNITTESTS_PASSES_QUANTIZE_KERNELS_ROWSHAPES_H

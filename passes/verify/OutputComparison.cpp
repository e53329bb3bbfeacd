// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Comparing outputs of any type.

#include "OutputComparison.h"

#include <limits>

using namespace llvm;

namespace optrun::verify {

using runtime::RuntimeValue;

TensorView viewOf(const RuntimeValue &value) {
  return {value.dataType(), value.dims(), value.bytes()};
}

Expected<VerificationReport::Comparison>
compareOutput(const std::string &output, const RuntimeValue &expected, const RuntimeValue &actual) {
  if (!expected.isTensor() || !actual.isTensor())
    return createStringError("output '" + output +
                             "' is a sequence or a map, which verify cannot "
                             "compare: take verify out of the recipe for this model");
  VerificationReport::Comparison comparison;
  comparison.output = output;
  if (expected.dataType() == ir::DataType::String) {
    comparison.bitEqual =
        expected.dims() == actual.dims() && expected.strings() == actual.strings();
    comparison.maxAbsolute = comparison.maxRelative =
        comparison.bitEqual ? 0 : std::numeric_limits<double>::infinity();
    return comparison;
  }
  Difference difference = compareTensors(viewOf(expected), viewOf(actual));
  comparison.bitEqual = difference.bitEqual;
  comparison.maxAbsolute = difference.maxAbsolute;
  comparison.maxRelative = difference.maxRelative;
  return comparison;
}

} // namespace optrun::verify

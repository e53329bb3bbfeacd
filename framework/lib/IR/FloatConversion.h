// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Conversions between arrays of floating-point elements, rounding to nearest even.

#ifndef OPTRUN_LIB_IR_FLOATCONVERSION_H
#define OPTRUN_LIB_IR_FLOATCONVERSION_H

#include "optrun/IR/DataType.h"

#include <cstddef>

namespace optrun::ir {

/// Converts \p count elements. Neither side needs alignment; they must not overlap.
using ConvertFunction = void (*)(const uint8_t *in, uint8_t *out, size_t count);

/// Null unless both types are among float, float16, bfloat16 and double.
ConvertFunction floatConversion(DataType from, DataType to);

} // namespace optrun::ir

#endif // OPTRUN_LIB_IR_FLOATCONVERSION_H

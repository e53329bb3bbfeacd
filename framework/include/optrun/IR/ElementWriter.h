// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Numbers as elements of tensors, whatever the type.

#ifndef OPTRUN_IR_ELEMENTWRITER_H
#define OPTRUN_IR_ELEMENTWRITER_H

#include "optrun/IR/DataType.h"

#include <vector>

namespace optrun::ir {

/// Appends elements of one type to a buffer: little-endian, packed as ONNX raw_data.
class ElementWriter {
public:
  /// Bool, the integers of 8 bits and more, and the types that models compute in.
  static bool canWrite(DataType type);

  /// \p type: one that can be written. \p count elements are expected.
  ElementWriter(DataType type, size_t count);

  /// \p value as the nearest number of a floating-point type; for others it has to be one of the
  /// type's own, and no larger than 2^53.
  void append(double value);

  std::vector<uint8_t> take() { return std::move(bytes); }

private:
  DataType type;
  std::vector<uint8_t> bytes;
};

} // namespace optrun::ir

#endif // OPTRUN_IR_ELEMENTWRITER_H

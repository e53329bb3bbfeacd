// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows of logits as floats.

#include "LogitsView.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace optrun::evaluate {
namespace {

std::string describeShape(ArrayRef<int64_t> dims) {
  return "[" + join(map_range(dims, [](int64_t extent) { return std::to_string(extent); }), ", ") +
         "]";
}

} // namespace

Expected<LogitsView> LogitsView::of(const runtime::RuntimeValue &value, size_t tokens) {
  if (!ir::isFloatingPoint(value.dataType()))
    return createStringError("its logits are no floating-point numbers");
  ArrayRef<int64_t> dims = value.dims();
  if (dims.size() != 3 || dims[0] != 1 || dims[1] != static_cast<int64_t>(tokens) || dims[2] < 1)
    return createStringError("its logits have the shape " + describeShape(dims) + " for " +
                             Twine(tokens) + " tokens; expected is [1, " + Twine(tokens) +
                             ", vocabulary]");
  LogitsView view;
  view.type = value.dataType();
  view.bytes = value.bytes();
  view.columns = static_cast<size_t>(dims[2]);
  return view;
}

Expected<ArrayRef<float>> LogitsView::row(size_t position, std::vector<float> &buffer) const {
  const size_t rowBytes = columns * ir::bitWidth(type) / 8;
  ArrayRef<uint8_t> row = bytes.slice(position * rowBytes, rowBytes);
  // The runtime aligns its tensors for any vector instruction.
  if (type == ir::DataType::Float32)
    return ArrayRef(reinterpret_cast<const float *>(row.data()), columns);
  Expected<ir::TensorSourceRef> converted =
      ir::makeCastSource(ir::makeInlineSource(row.vec()), type, ir::DataType::Float32);
  if (!converted)
    return converted.takeError();
  buffer.resize(columns);
  auto *target = reinterpret_cast<uint8_t *>(buffer.data());
  if (Error error = (*converted)->read(0, {target, columns * sizeof(float)}))
    return error;
  return ArrayRef(buffer);
}

} // namespace optrun::evaluate

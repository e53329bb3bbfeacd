// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Operators that select and rearrange the elements of small tensors.

#include "SmallTensor.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace optrun::onnx {
namespace {

using Result = std::optional<SmallTensor>;

/// \p axis counted from the front; nullopt when there is none.
std::optional<size_t> resolveAxis(int64_t axis, size_t rank) {
  const auto signedRank = static_cast<int64_t>(rank);
  if (axis < -signedRank || axis >= signedRank)
    return std::nullopt;
  return static_cast<size_t>(axis < 0 ? axis + signedRank : axis);
}

/// The elements of \p tensor at \p places along \p axis.
SmallTensor take(const SmallTensor &tensor, size_t axis, llvm::ArrayRef<int64_t> places) {
  size_t inner = 1, outer = 1;
  for (size_t i = 0; i < tensor.dims.size(); ++i)
    (i < axis ? outer : inner) *= i == axis ? 1 : static_cast<size_t>(tensor.dims[i]);
  const auto extent = static_cast<size_t>(tensor.dims[axis]);
  SmallTensor result{tensor.type, tensor.dims, {}};
  result.dims[axis] = static_cast<int64_t>(places.size());
  for (size_t block = 0; block < outer; ++block)
    for (int64_t place : places)
      for (size_t i = 0; i < inner; ++i)
        result.values.push_back(
            tensor.values[(block * extent + static_cast<size_t>(place)) * inner + i]);
  return result;
}

Result gather(const SmallNode &node) {
  const SmallTensor &data = *node.input(0);
  const SmallTensor *indices = node.input(1);
  const auto axis = resolveAxis(node.integer("axis", 0), data.dims.size());
  if (!indices || !axis || data.values.size() * indices->values.size() > SmallTensor::MaxElements)
    return std::nullopt;
  llvm::SmallVector<int64_t, 8> places;
  for (int64_t index : indices->values) {
    const auto place = resolveAxis(index, static_cast<size_t>(data.dims[*axis]));
    if (!place)
      return std::nullopt;
    places.push_back(static_cast<int64_t>(*place));
  }
  SmallTensor result = take(data, *axis, places);
  auto *at = result.dims.erase(result.dims.begin() + *axis);
  result.dims.insert(at, indices->dims.begin(), indices->dims.end());
  return result;
}

Result slice(const SmallNode &node) {
  SmallTensor result = *node.input(0);
  const auto starts = node.integers(1, "starts"), ends = node.integers(2, "ends"),
             axes = node.integers(3, "axes"), steps = node.integers(4, "");
  if (!starts || !ends || !axes || !steps || starts->size() != ends->size())
    return std::nullopt;
  for (size_t i = 0; i < starts->size(); ++i) {
    const int64_t step = steps->empty() ? 1 : i < steps->size() ? (*steps)[i] : 0;
    const auto axis =
        axes->empty() || i < axes->size()
            ? resolveAxis(axes->empty() ? static_cast<int64_t>(i) : (*axes)[i], result.dims.size())
            : std::nullopt;
    if (step == 0 || !axis)
      return std::nullopt;
    const int64_t length = result.dims[*axis];
    auto clamp = [&](int64_t place) {
      place = place < 0 ? place + length : place;
      return step > 0 ? std::clamp<int64_t>(place, 0, length)
                      : std::clamp<int64_t>(place, -1, length - 1);
    };
    llvm::SmallVector<int64_t, 8> places;
    const int64_t end = clamp((*ends)[i]);
    for (int64_t at = clamp((*starts)[i]); step > 0 ? at < end : at > end;) {
      places.push_back(at);
      if (llvm::AddOverflow(at, step, at))
        break;
    }
    result = take(result, *axis, places);
  }
  return result;
}

/// Of vectors.
Result concat(const SmallNode &node) {
  SmallTensor result = SmallTensor::vector({}, node.input(0)->type);
  for (const SmallTensor *part : node.inputs()) {
    if (!part || part->dims.size() != 1 ||
        result.values.size() + part->values.size() > SmallTensor::MaxElements)
      return std::nullopt;
    result.values.append(part->values.begin(), part->values.end());
  }
  result.dims[0] = static_cast<int64_t>(result.values.size());
  return result;
}

Result expand(const SmallNode &node) {
  const SmallTensor &data = *node.input(0), *wanted = node.input(1);
  const auto dims =
      wanted ? broadcastDims({data.dims, wanted->values}) : std::optional<SmallTensor::Dims>();
  const auto count = dims ? countElements(*dims) : std::nullopt;
  if (!count)
    return std::nullopt;
  SmallTensor result{data.type, *dims, {}};
  for (size_t i = 0; i < *count; ++i)
    result.values.push_back(broadcastElement(data, *dims, i));
  return result;
}

Result squeeze(const SmallNode &node) {
  SmallTensor result = *node.input(0);
  const auto given = node.integers(1, "axes");
  if (!given)
    return std::nullopt;
  llvm::SmallVector<bool, 4> removed(result.dims.size(), false);
  for (int64_t each : *given) {
    const auto axis = resolveAxis(each, result.dims.size());
    if (!axis || result.dims[*axis] != 1)
      return std::nullopt;
    removed[*axis] = true;
  }
  SmallTensor::Dims dims;
  for (size_t axis = 0; axis < result.dims.size(); ++axis)
    if (given->empty() ? result.dims[axis] != 1 : !removed[axis])
      dims.push_back(result.dims[axis]);
  result.dims = dims;
  return result;
}

Result unsqueeze(const SmallNode &node) {
  SmallTensor result = *node.input(0);
  const auto given = node.integers(1, "axes");
  if (!given || given->size() > SmallTensor::MaxElements)
    return std::nullopt;
  llvm::SmallVector<size_t, 4> axes;
  for (int64_t each : *given) {
    const auto axis = resolveAxis(each, result.dims.size() + given->size());
    if (!axis)
      return std::nullopt;
    axes.push_back(*axis);
  }
  llvm::sort(axes);
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    return std::nullopt;
  for (size_t axis : axes) // ascending, so each is within the axes so far or just behind them
    result.dims.insert(result.dims.begin() + axis, 1);
  return result;
}

Result reshape(const SmallNode &node) {
  SmallTensor result = *node.input(0);
  const SmallTensor *wanted = node.input(1);
  if (!wanted)
    return std::nullopt;
  SmallTensor::Dims dims;
  std::optional<size_t> open;
  int64_t known = 1;
  for (size_t axis = 0; axis < wanted->values.size(); ++axis) {
    int64_t extent = wanted->values[axis];
    if (extent == 0 && node.integer("allowzero", 0) == 0)
      extent = axis < result.dims.size() ? result.dims[axis] : 0;
    if (extent == -1)
      open = axis;
    else if (extent < 0 || llvm::MulOverflow(known, extent, known))
      return std::nullopt;
    dims.push_back(extent);
  }
  const auto count = static_cast<int64_t>(result.values.size());
  if (open)
    dims[*open] = known == 0 ? 0 : count / known;
  const auto elements = countElements(dims);
  if (!elements || *elements != result.values.size())
    return std::nullopt;
  result.dims = dims;
  return result;
}

/// Of a matrix; others have no part in shapes.
Result transpose(const SmallNode &node) {
  const SmallTensor &data = *node.input(0);
  if (data.dims.size() < 2)
    return data;
  const proto::AttributeProto *order = node.attribute("perm");
  if (data.dims.size() > 2 || (order && (order->ints_size() != 2 || order->ints(0) != 1)))
    return std::nullopt;
  SmallTensor result{data.type, {data.dims[1], data.dims[0]}, {}};
  for (int64_t column = 0; column < data.dims[1]; ++column)
    for (int64_t row = 0; row < data.dims[0]; ++row)
      result.values.push_back(data.values[static_cast<size_t>(row * data.dims[1] + column)]);
  return result;
}

Result identity(const SmallNode &node) { return *node.input(0); }

} // namespace

std::optional<SmallTensor> evaluateMovement(const SmallNode &node) {
  using Function = Result (*)(const SmallNode &);
  const Function function = llvm::StringSwitch<Function>(node.opType())
                                .Case("Identity", identity)
                                .Case("Gather", gather)
                                .Case("Slice", slice)
                                .Case("Concat", concat)
                                .Case("Expand", expand)
                                .Case("Squeeze", squeeze)
                                .Case("Unsqueeze", unsqueeze)
                                .Case("Reshape", reshape)
                                .Case("Transpose", transpose)
                                .Default(nullptr);
  return function ? function(node) : std::nullopt;
}

} // namespace optrun::onnx

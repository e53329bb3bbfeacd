// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes the values of generated inputs.

#include "InputGenerator.h"

#include "optrun/IR/ElementWriter.h"

#include "llvm/Support/xxhash.h"

#include <algorithm>

using namespace llvm;

namespace optrun::verify {
namespace {

/// SplitMix64 (Steele, Lea and Flood 2014): one word of state, the same everywhere.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// 0 … count - 1, for counts far below 2^64.
  int64_t below(int64_t count) {
    return static_cast<int64_t>(next() % static_cast<uint64_t>(count));
  }

private:
  uint64_t state;
};

/// Numbers are multiples of 2^-7 in [-1, 1), so that every floating-point type that can be an input
/// holds them exactly and they need no rounding here.
constexpr int64_t StepsPerUnit = 128;

/// Padded places at the start of row \p row: none in the first set, at most half of the row.
int64_t paddingOf(int64_t row, size_t set, int64_t total) {
  return std::min((row + static_cast<int64_t>(set)) % 4, total / 2);
}

/// The value of element \p element of an input of shape \p dims.
class ElementSource {
public:
  ElementSource(const InputDescription &input, ArrayRef<int64_t> dims, const InputExtents &extents,
                uint64_t seed, size_t set)
      : input(input), dims(dims), extents(extents), set(set),
        random(seed ^ (set * 0xD1B54A32D192ED03) ^ xxh3_64bits(input.name)) {}

  double at(size_t element) {
    switch (input.role) {
    case InputRole::Indices:
      return static_cast<double>(random.below(*input.rows));
    case InputRole::Positions:
      return static_cast<double>(position(element));
    case InputRole::Mask:
      return maskValue(element);
    case InputRole::UsePast:
      return extents.past > 0 ? 1 : 0;
    case InputRole::Past:
    case InputRole::Values:
      break;
    }
    return isFloatingPoint(input.type)
               ? static_cast<double>(random.below(2 * StepsPerUnit) - StepsPerUnit) / StepsPerUnit
               : static_cast<double>(random.below(2));
  }

private:
  int64_t lastExtent() const { return dims.empty() ? 1 : std::max<int64_t>(dims.back(), 1); }

  /// The batch row that an element belongs to: the index on axis 0 when there is more than one
  /// axis.
  int64_t rowOf(size_t element) const {
    if (dims.size() < 2)
      return 0;
    size_t perRow = 1;
    for (int64_t extent : dims.drop_front())
      perRow *= static_cast<size_t>(extent);
    return static_cast<int64_t>(element / std::max<size_t>(perRow, 1));
  }

  int64_t position(size_t element) const {
    auto column = static_cast<int64_t>(element) % lastExtent();
    int64_t padding = paddingOf(rowOf(element), set, extents.total());
    int64_t value = std::max<int64_t>(extents.past + column - padding, 0);
    return input.rows ? std::min(value, *input.rows - 1) : value;
  }

  /// A mask over tokens holds 1 and 0; a float mask of higher rank is added to the attention
  /// scores: 0 everywhere.
  double maskValue(size_t element) const {
    if (isFloatingPoint(input.type) && dims.size() > 2)
      return 0;
    auto column = static_cast<int64_t>(element) % lastExtent();
    return column >= paddingOf(rowOf(element), set, lastExtent()) ? 1 : 0;
  }

  const InputDescription &input;
  ArrayRef<int64_t> dims;
  const InputExtents &extents;
  size_t set;
  Random random;
};

/// Generated inputs are small by construction, unless a model asks for more with fixed dimensions.
constexpr size_t MaxElements = size_t(1) << 28;

} // namespace

Expected<InputSet> generateInputs(ArrayRef<InputDescription> inputs, const InputExtents &extents,
                                  uint64_t seed, size_t index) {
  InputSet result;
  result.label = extents.print();
  const std::vector<ir::Tensor::Dims> shapes = bindInputs(inputs, extents, extents.sequence).shapes;
  for (size_t i = 0; i != inputs.size(); ++i) {
    const InputDescription &input = inputs[i];
    if (!ir::ElementWriter::canWrite(input.type))
      return createStringError("no values can be generated for the model's input '" + input.name +
                               "' of type " + ir::dataTypeName(input.type) + "; give inputs");
    size_t count = 1;
    for (int64_t extent : shapes[i])
      if (__builtin_mul_overflow(count, static_cast<size_t>(extent), &count) || count > MaxElements)
        return createStringError("the model's input '" + input.name +
                                 "' is too large to generate; give inputs");
    ElementSource source(input, shapes[i], extents, seed, index);
    ir::ElementWriter elements(input.type, count);
    for (size_t element = 0; element != count; ++element)
      elements.append(source.at(element));
    Expected<ir::TensorRef> tensor = ir::Tensor::create(input.name, input.type, shapes[i],
                                                        ir::makeInlineSource(elements.take()));
    if (!tensor)
      return tensor.takeError();
    result.tensors.push_back(std::move(*tensor));
  }
  return result;
}

} // namespace optrun::verify

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the dimensions of inputs mean, and their extents.

#include "optrun/Analysis/InputShapes.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

using namespace llvm;

namespace optrun {
namespace {

enum class Meaning { Unknown, Batch, Sequence, Past, Total };

std::optional<int64_t> extentOf(Meaning meaning, const InputExtents &extents) {
  switch (meaning) {
  case Meaning::Batch:
    return extents.batch;
  case Meaning::Sequence:
    return extents.sequence;
  case Meaning::Past:
    return extents.past;
  case Meaning::Total:
    return extents.total();
  case Meaning::Unknown:
    break;
  }
  return std::nullopt;
}

/// The axis of a past key or value that counts tokens: the only open one besides the batch, else
/// the third of [batch, heads, tokens, width].
size_t tokenAxis(const ir::Shape &shape) {
  size_t found = 0, open = 0;
  for (size_t axis = 1; axis < shape.size(); ++axis)
    if (!shape[axis].extent) {
      found = axis;
      ++open;
    }
  return open == 1 ? found : 2;
}

Meaning meaningByRole(const InputDescription &input, size_t axis) {
  size_t rank = input.shape.size();
  switch (input.role) {
  case InputRole::Indices:
  case InputRole::Positions:
    return axis == 0 && rank > 1 ? Meaning::Batch
           : axis + 1 == rank    ? Meaning::Sequence
                                 : Meaning::Unknown;
  case InputRole::Mask:
    // [batch, total] or [batch, heads, sequence, total].
    return axis == 0 && rank > 1           ? Meaning::Batch
           : axis + 1 == rank              ? Meaning::Total
           : axis + 2 == rank && rank == 4 ? Meaning::Sequence
                                           : Meaning::Unknown;
  case InputRole::Past:
    return axis == 0                        ? Meaning::Batch
           : axis == tokenAxis(input.shape) ? Meaning::Past
                                            : Meaning::Unknown;
  case InputRole::UsePast:
  case InputRole::Values:
    break;
  }
  return Meaning::Unknown;
}

Meaning meaningByName(StringRef symbol) {
  std::string lower = symbol.lower();
  StringRef name = lower;
  if (name.contains("batch"))
    return Meaning::Batch;
  if (name.contains("total"))
    return Meaning::Total;
  if (name.contains("past"))
    return Meaning::Past;
  if (name.contains("seq"))
    return Meaning::Sequence;
  return StringSwitch<Meaning>(name)
      .Cases("b", "n", "bs", Meaning::Batch)
      .Case("s", Meaning::Sequence)
      .Default(Meaning::Unknown);
}

/// The order in which roles decide about a symbol that several inputs share: a mask may be named
/// after the tokens or after the sum with the past.
constexpr InputRole DecisionOrder[] = {InputRole::Indices, InputRole::Positions, InputRole::Past,
                                       InputRole::Mask};

SymbolTable solveSymbols(ArrayRef<InputDescription> inputs, const InputExtents &extents) {
  SymbolTable symbols;
  auto assume = [&](const InputDescription &input, size_t axis, Meaning meaning) {
    const std::string &symbol = input.shape[axis].symbol;
    if (std::optional<int64_t> extent = extentOf(meaning, extents))
      if (!symbol.empty() && !isExpression(symbol))
        symbols.try_emplace(symbol, *extent);
  };
  for (InputRole role : DecisionOrder)
    for (const InputDescription &input : inputs)
      for (size_t axis = 0; input.role == role && axis != input.shape.size(); ++axis)
        assume(input, axis, meaningByRole(input, axis));
  for (const InputDescription &input : inputs)
    for (size_t axis = 0; axis != input.shape.size(); ++axis)
      assume(input, axis, meaningByName(input.shape[axis].symbol));
  return symbols;
}

int64_t resolveDimension(const InputDescription &input, size_t axis, const InputExtents &extents,
                         int64_t otherwise, BoundInputs &bound) {
  const ir::Dimension &dimension = input.shape[axis];
  if (dimension.extent)
    return *dimension.extent;
  const std::string &symbol = dimension.symbol;
  if (!symbol.empty())
    if (std::optional<int64_t> value = evaluateDimension(symbol, bound.symbols))
      return std::max<int64_t>(*value, 0);
  Meaning meaning = meaningByRole(input, axis);
  if (meaning == Meaning::Unknown && axis == 0)
    meaning = Meaning::Batch;
  const std::optional<int64_t> extent = extentOf(meaning, extents);
  if (!extent)
    bound.unexplained.push_back(("axis " + Twine(axis) + " of '" + input.name + "'" +
                                 (symbol.empty() ? "" : " (" + symbol + ")"))
                                    .str());
  if (!symbol.empty() && !isExpression(symbol))
    bound.symbols.try_emplace(symbol, extent.value_or(otherwise));
  return extent.value_or(otherwise);
}

/// What fixed dimensions and tables demand of every run.
struct Limits {
  std::optional<int64_t> batch, sequence, past, total;
  std::optional<int64_t> positions;
  bool hasPast = false;
};

Limits findLimits(ArrayRef<InputDescription> inputs) {
  Limits limits;
  for (const InputDescription &input : inputs) {
    limits.hasPast |= input.role == InputRole::Past;
    if (input.role == InputRole::Positions && input.rows)
      limits.positions = std::min(limits.positions.value_or(*input.rows), *input.rows);
    for (size_t axis = 0; axis != input.shape.size(); ++axis) {
      const std::optional<int64_t> &extent = input.shape[axis].extent;
      if (!extent)
        continue;
      switch (meaningByRole(input, axis)) {
      case Meaning::Batch:
        limits.batch = extent;
        break;
      case Meaning::Sequence:
        limits.sequence = extent;
        break;
      case Meaning::Past:
        limits.past = extent;
        break;
      case Meaning::Total:
        limits.total = extent;
        break;
      case Meaning::Unknown:
        break;
      }
    }
  }
  return limits;
}

} // namespace

int64_t InputExtents::total() const {
  int64_t sum = 0;
  return AddOverflow(past, sequence, sum) ? std::numeric_limits<int64_t>::max() : sum;
}

std::string InputExtents::print() const {
  std::string text = ("batch " + Twine(batch) + ", sequence " + Twine(sequence)).str();
  return past ? (text + ", past " + Twine(past)).str() : text;
}

InputExtents fitExtents(ArrayRef<InputDescription> inputs, const InputExtents &wanted,
                        std::optional<int64_t> ownPositions) {
  InputExtents extents = wanted;
  Limits limits = findLimits(inputs);
  if (ownPositions)
    limits.positions = std::min(limits.positions.value_or(*ownPositions), *ownPositions);
  if (!limits.hasPast)
    extents.past = 0;
  extents.batch = limits.batch.value_or(extents.batch);
  extents.sequence = limits.sequence.value_or(extents.sequence);
  extents.past = limits.past.value_or(extents.past);
  if (limits.total && !limits.sequence)
    extents.sequence = std::max<int64_t>(*limits.total - extents.past, 1);
  else if (limits.total && !limits.past)
    extents.past = std::max<int64_t>(*limits.total - extents.sequence, 0);
  if (limits.positions && extents.total() > *limits.positions && !limits.sequence && !limits.past) {
    extents.past = std::min(extents.past, *limits.positions - 1);
    extents.sequence = std::min(extents.sequence, *limits.positions - extents.past);
  }
  return extents;
}

BoundInputs bindInputs(ArrayRef<InputDescription> inputs, const InputExtents &extents,
                       int64_t otherwise) {
  BoundInputs bound;
  bound.symbols = solveSymbols(inputs, extents);
  for (const InputDescription &input : inputs) {
    ir::Tensor::Dims dims;
    for (size_t axis = 0; axis != input.shape.size(); ++axis)
      dims.push_back(resolveDimension(input, axis, extents, otherwise, bound));
    bound.shapes.push_back(std::move(dims));
  }
  return bound;
}

std::optional<int64_t> evaluateDimension(StringRef text, const BoundInputs &inputs,
                                         const InputExtents &extents) {
  if (std::optional<int64_t> value = evaluateDimension(text, inputs.symbols))
    return value;
  if (isExpression(text))
    return std::nullopt;
  return extentOf(meaningByName(text), extents);
}

} // namespace optrun

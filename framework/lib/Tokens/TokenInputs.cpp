// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes the inputs of a model from token ids.

#include "optrun/Tokens/TokenInputs.h"

#include "optrun/Analysis/InputShapes.h"
#include "optrun/IR/ElementWriter.h"

#include <algorithm>

using namespace llvm;

namespace optrun {
namespace {

using runtime::NamedValues;
using runtime::RuntimeValue;

InputExtents extentsOf(size_t tokens) {
  InputExtents extents;
  extents.sequence = static_cast<int64_t>(tokens);
  return extents;
}

/// An error for an input whose meaning is unknown.
Error checkRole(const InputDescription &input) {
  constexpr size_t MaxMaskRank = 2; // [batch, tokens]; others say which token sees which
  const bool isKnown = input.role != InputRole::Values &&
                       (input.role != InputRole::Mask || input.shape.size() <= MaxMaskRank);
  if (!isKnown)
    return createStringError("its input '" + input.name +
                             "' is none of token ids, positions, a mask over tokens and a KV "
                             "cache, so no value for it is known");
  if (!ir::ElementWriter::canWrite(input.type))
    return createStringError("its input '" + input.name + "' is of the type " +
                             ir::dataTypeName(input.type) + ", which cannot be made");
  return Error::success();
}

double elementOf(const InputDescription &input, bool isTokens, ArrayRef<int64_t> ids,
                 size_t element) {
  switch (input.role) {
  case InputRole::Indices:
    return isTokens ? static_cast<double>(ids[element]) : 0; // else types of tokens
  case InputRole::Positions:
    return static_cast<double>(element);
  case InputRole::Mask:
    return 1;
  case InputRole::UsePast:
  case InputRole::Past: // has none
  case InputRole::Values:
    break;
  }
  return 0;
}

Expected<RuntimeValue> makeInput(const InputDescription &input, bool isTokens,
                                 ArrayRef<int64_t> dims, ArrayRef<int64_t> ids) {
  size_t count = 1;
  for (int64_t extent : dims)
    count *= static_cast<size_t>(extent);
  const bool isPerToken = isTokens || input.role == InputRole::Positions;
  if (isPerToken && count != ids.size())
    return createStringError("the input '" + input.name + "' takes " + Twine(count) +
                             " numbers for " + Twine(ids.size()) + " tokens");
  ir::ElementWriter elements(input.type, count);
  for (size_t i = 0; i != count; ++i)
    elements.append(elementOf(input, isTokens, ids, i));
  return RuntimeValue::tensor(input.type, dims, elements.take());
}

} // namespace

size_t nearestWindow(const TokenModel &model, size_t tokens) {
  const InputExtents taken = fitExtents(model.inputs, extentsOf(tokens), model.positions);
  return static_cast<size_t>(std::max<int64_t>(taken.sequence, 1));
}

Error checkTakesWindows(const TokenModel &model, size_t tokens) {
  for (const InputDescription &input : model.inputs)
    if (Error error = checkRole(input))
      return error;
  const InputExtents wanted = extentsOf(tokens);
  const InputExtents taken = fitExtents(model.inputs, wanted);
  if (!(taken == wanted))
    return createStringError("it takes " + taken.print() + ", while a window is " + wanted.print() +
                             "; window sets the length");
  const BoundInputs bound = bindInputs(model.inputs, wanted, /*otherwise=*/1);
  if (!bound.unexplained.empty())
    return createStringError("the extent of " + bound.unexplained.front() + " is unknown");
  return Error::success();
}

Expected<NamedValues> makeInputs(const TokenModel &model, ArrayRef<int64_t> ids) {
  const BoundInputs bound = bindInputs(model.inputs, extentsOf(ids.size()), /*otherwise=*/1);
  NamedValues values;
  for (size_t i = 0; i != model.inputs.size(); ++i) {
    const InputDescription &input = model.inputs[i];
    Expected<RuntimeValue> value =
        makeInput(input, input.name == model.tokens, bound.shapes[i], ids);
    if (!value)
      return value.takeError();
    values[input.name] = std::move(*value);
  }
  return values;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the inputs of a language model.

#include "optrun/Tokens/TokenModel.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace optrun {
namespace {

using Chain = ArrayRef<std::unique_ptr<ir::Component>>;

void lowerTo(std::optional<int64_t> &limit, const std::optional<int64_t> &other) {
  if (other)
    limit = std::min(limit.value_or(*other), *other);
}

/// Inputs that several components take are there once, with the smallest of their tables.
Expected<std::vector<InputDescription>> collectInputs(Chain chain) {
  std::vector<InputDescription> inputs;
  StringSet<> given;
  for (const auto &component : chain) {
    std::vector<InputDescription> described = describeInputs(*component);
    for (const ir::Value *value : component->graph.inputs()) {
      if (value->isInitializer() || given.contains(value->name()))
        continue;
      auto named = [&](const InputDescription &each) { return each.name == value->name(); };
      auto description = find_if(described, named);
      if (description == described.end())
        return createStringError("the type or rank of its input '" + value->name() +
                                 "' is unknown");
      if (auto known = find_if(inputs, named); known != inputs.end()) {
        lowerTo(known->rows, description->rows);
        if (known->role == InputRole::Values)
          known->role = description->role;
      } else {
        inputs.push_back(std::move(*description));
      }
    }
    for (const ir::Value *output : component->graph.outputs())
      given.insert(output->name());
  }
  return inputs;
}

Expected<std::string> findTokens(ArrayRef<InputDescription> inputs) {
  const InputDescription *largest = nullptr;
  for (const InputDescription &input : inputs) {
    if (input.role != InputRole::Indices)
      continue;
    if (input.name == "input_ids")
      return input.name;
    // Token types select from a table too, a small one.
    if (!largest || input.rows > largest->rows)
      largest = &input;
  }
  if (!largest)
    return createStringError("none of its inputs takes token ids: none selects from a table");
  return largest->name;
}

} // namespace

Expected<TokenModel> describeTokenModel(Chain chain) {
  TokenModel model;
  if (Error error = collectInputs(chain).moveInto(model.inputs))
    return error;
  if (Error error = findTokens(model.inputs).moveInto(model.tokens))
    return error;
  for (const InputDescription &input : model.inputs)
    if (input.name == model.tokens)
      model.vocabulary = input.rows;
  for (const auto &component : chain)
    lowerTo(model.positions, countOwnPositions(*component));
  return model;
}

} // namespace optrun

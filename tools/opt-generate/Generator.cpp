// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Greedy decoding with a KV cache.

#include "Generator.h"

#include "optrun/Onnx/OnnxReader.h"

#include "llvm/ADT/StringSet.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace llvm;

namespace optrun::generate {
namespace {

using runtime::NamedValues;
using runtime::RuntimeValue;

constexpr StringLiteral Logits = "logits";

Expected<RuntimeValue> oneRow(ArrayRef<int64_t> numbers) {
  const auto *bytes = reinterpret_cast<const uint8_t *>(numbers.data());
  return RuntimeValue::tensor(ir::DataType::Int64, {1, static_cast<int64_t>(numbers.size())},
                              {bytes, numbers.size() * sizeof(int64_t)});
}

/// Keys or values of no token: [batch, heads, past, head size].
Expected<RuntimeValue> emptyPast(const ir::Value &input) {
  constexpr size_t Rank = 4, Heads = 1, HeadSize = 3;
  const ir::Type &type = input.type();
  if (!type.isTensor() || !type.shape() || type.shape()->size() != Rank ||
      !(*type.shape())[Heads].extent || !(*type.shape())[HeadSize].extent)
    return createStringError("the shape of its input '" + input.name() +
                             "' is not [batch, heads, past, head size]");
  return RuntimeValue::tensor(
      type.elementType(), {1, *(*type.shape())[Heads].extent, 0, *(*type.shape())[HeadSize].extent},
      {});
}

/// The largest of the logits of the last token.
Expected<int64_t> mostProbable(const RuntimeValue &logits) {
  const ArrayRef<uint8_t> bytes = logits.bytes();
  const size_t tokens = logits.dims().size() == 3 ? static_cast<size_t>(logits.dims()[1]) : 0;
  if (tokens == 0 || bytes.empty())
    return createStringError("its logits are not [batch, sequence, vocabulary]");
  Expected<ir::TensorSourceRef> row =
      ir::makeCastSource(ir::makeInlineSource(bytes.take_back(bytes.size() / tokens).vec()),
                         logits.dataType(), ir::DataType::Float32);
  if (!row)
    return row.takeError();
  std::vector<float> numbers((*row)->byteSize() / sizeof(float));
  if (Error error = (*row)->read(
          0, {reinterpret_cast<uint8_t *>(numbers.data()), numbers.size() * sizeof(float)}))
    return error;
  if (any_of(numbers, [](float number) { return std::isnan(number); }))
    return createStringError("its logits are not numbers (NaN): evaluate tells where");
  return std::max_element(numbers.begin(), numbers.end()) - numbers.begin();
}

} // namespace

Expected<Generator> Generator::open(const ModelFiles &files,
                                    const runtime::SessionOptions &options) {
  Expected<runtime::ModelChain> chain = runtime::ModelChain::open(files.links, options);
  if (!chain)
    return chain.takeError();
  Generator generator(std::move(*chain));
  StringSet<> given;
  for (const runtime::ChainLink &link : files.links) {
    Expected<onnx::ReadResult> read = onnx::readModel(link.path);
    if (!read)
      return read.takeError();
    for (const ir::Value *input : read->component->graph.inputs())
      if (!input->isInitializer() && given.insert(input->name()).second)
        if (Error error = generator.addInput(*input))
          return runtime::inComponent(link, std::move(error));
    for (const ir::Value *output : read->component->graph.outputs())
      given.insert(output->name());
  }
  if (generator.caches.empty())
    return createStringError("the model '" + files.name +
                             "' takes no past keys and values (past_key_values.N.key): capture it "
                             "with kv-cache");
  generator.outputs.push_back(Logits.str());
  return generator;
}

Error Generator::addInput(const ir::Value &input) {
  StringRef name = input.name();
  if (name == "input_ids" || name == "attention_mask" || name == "position_ids")
    return Error::success();
  if (!name.consume_front("past_key_values."))
    return createStringError("its input '" + name + "' is none that text can be generated with");
  outputs.push_back(("present." + name).str());
  caches.emplace_back(input.name().str(), outputs.back());
  return emptyPast(input).moveInto(inputs[input.name().str()]);
}

Error Generator::addTokens(ArrayRef<int64_t> ids) {
  std::vector<int64_t> positions(ids.size());
  std::iota(positions.begin(), positions.end(), known);
  const std::vector<int64_t> mask(static_cast<size_t>(known) + ids.size(), 1);
  if (Error error = oneRow(ids).moveInto(inputs["input_ids"]))
    return error;
  if (Error error = oneRow(mask).moveInto(inputs["attention_mask"]))
    return error;
  return oneRow(positions).moveInto(inputs["position_ids"]);
}

Expected<int64_t> Generator::next(ArrayRef<int64_t> ids) {
  if (ids.empty())
    return createStringError("there is no token to begin with");
  if (Error error = addTokens(ids))
    return error;
  Expected<NamedValues> values = chain.runFor(std::exchange(inputs, {}), outputs);
  if (!values)
    return values.takeError();
  known += static_cast<int64_t>(ids.size());
  for (const auto &[past, present] : caches)
    inputs[past] = std::move(values->find(present)->second);
  return mostProbable(values->find(Logits)->second);
}

} // namespace optrun::generate

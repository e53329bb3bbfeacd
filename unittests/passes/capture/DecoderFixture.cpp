// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reads checkpoints, builds their graphs and runs them.

#include "DecoderFixture.h"

#include "TestSupport/Errors.h"
#include "TestSupport/SourceBytes.h"
#include "TestSupport/TestPaths.h"
#include "families/Families.h"

#include "optrun/Checkpoint/Checkpoint.h"
#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/OnnxWriter.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

namespace optrun::test {
namespace {

using runtime::RuntimeValue;

std::string folderOf(const std::string &family) { return fixture("checkpoints/" + family); }

template <typename T> std::vector<T> elementsOf(llvm::ArrayRef<uint8_t> bytes) {
  std::vector<T> elements(bytes.size() / sizeof(T));
  std::memcpy(elements.data(), bytes.data(), elements.size() * sizeof(T));
  return elements;
}

RuntimeValue integerTensor(const std::vector<int64_t> &elements, int64_t batch) {
  const int64_t dims[] = {batch, static_cast<int64_t>(elements.size()) / batch};
  return valueOf(RuntimeValue::tensor(
      ir::DataType::Int64, dims,
      {reinterpret_cast<const uint8_t *>(elements.data()), elements.size() * sizeof(int64_t)}));
}

std::vector<float> asFloats(const RuntimeValue &value) {
  if (value.dataType() == ir::DataType::Float32)
    return elementsOf<float>(value.bytes());
  auto wide = valueOf(ir::makeCastSource(ir::makeInlineSource(value.bytes().vec()),
                                         value.dataType(), ir::DataType::Float32));
  return elementsOf<float>(bytesOf(wide));
}

} // namespace

DecoderCheckpoint readCheckpoint(const std::string &family) {
  const auto opened = valueOf(checkpoint::openCheckpoint(folderOf(family)));
  return {opened.configJson, opened.tensors()};
}

std::unique_ptr<ir::Component> build(const DecoderCheckpoint &checkpoint,
                                     const decoder::DecoderOptions &options) {
  auto config = valueOf(decoder::ModelConfig::parse(checkpoint.config));
  auto component = valueOf(decoder::buildDecoder(valueOf(decoder::describeModel(config)),
                                                 {checkpoint.tensors, {}}, options));
  component->name = "decoder";
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  return component;
}

Golden::Golden(const std::string &path)
    : file(valueOf(checkpoint::SafeTensorsFile::open(fixture(path)))) {}

std::vector<float> Golden::floats(const std::string &name) const {
  return elementsOf<float>(valueOf(file.find(name)->readAll()));
}
std::vector<int64_t> Golden::integers(const std::string &name) const {
  return elementsOf<int64_t>(valueOf(file.find(name)->readAll()));
}
ir::Tensor::Dims Golden::dims(const std::string &name) const {
  return ir::Tensor::Dims(file.find(name)->dims());
}

DecoderRun::DecoderRun(const ir::Component &component)
    : session(valueOf(runtime::Session::openFromMemory(valueOf(onnx::writeModelToMemory(component)),
                                                       ".", runtime::SessionOptions()))) {
  for (const ir::Value *input : component.graph.inputs()) {
    if (!input->name().starts_with("past_key_values."))
      continue;
    // The batch size is not known yet: run() makes an empty value of these extents.
    const ir::Shape &shape = *input->type().shape();
    cache[input->name().str()] = valueOf(RuntimeValue::tensor(
        input->type().elementType(), {0, *shape[1].extent, 0, *shape[3].extent}, {}));
  }
}

std::vector<float> DecoderRun::run(const std::vector<int64_t> &ids,
                                   const std::vector<int64_t> &mask,
                                   const std::vector<int64_t> &positions, int64_t batch) {
  for (auto &[name, value] : cache)
    if (value.dims()[0] == 0)
      value = valueOf(
          RuntimeValue::tensor(value.dataType(), {batch, value.dims()[1], 0, value.dims()[3]}, {}));
  std::map<std::string, RuntimeValue> inputs;
  inputs["input_ids"] = integerTensor(ids, batch);
  inputs["attention_mask"] = integerTensor(mask, batch);
  inputs["position_ids"] = integerTensor(positions, batch);
  auto outputs = valueOf(session->run([&](const std::string &name) -> const RuntimeValue * {
    if (auto found = inputs.find(name); found != inputs.end())
      return &found->second;
    auto found = cache.find(name);
    return found == cache.end() ? nullptr : &found->second;
  }));
  std::vector<float> logits;
  for (size_t i = 0; i < outputs.size(); ++i) {
    llvm::StringRef name = session->outputs()[i];
    if (name.consume_front("present."))
      cache["past_key_values." + name.str()] = std::move(outputs[i]);
    else
      logits = asFloats(outputs[i]);
  }
  return logits;
}

Difference compare(const std::vector<float> &expected, const std::vector<float> &actual,
                   const std::vector<int64_t> &mask, int64_t batch, int64_t sequence) {
  EXPECT_EQ(expected.size(), actual.size());
  if (expected.size() != actual.size())
    return {INFINITY, INFINITY};
  const int64_t vocabulary = static_cast<int64_t>(expected.size()) / (batch * sequence);
  const int64_t masked = static_cast<int64_t>(mask.size()) / batch;
  Difference result;
  double differences = 0, references = 0;
  for (int64_t token = 0; token < batch * sequence; ++token) {
    const int64_t row = token / sequence, fromEnd = sequence - token % sequence;
    if (mask[(row + 1) * masked - fromEnd] == 0)
      continue;
    for (int64_t i = token * vocabulary; i < (token + 1) * vocabulary; ++i) {
      const float difference = std::abs(expected[i] - actual[i]);
      result.largest = std::isnan(difference) ? INFINITY : std::max(result.largest, difference);
      differences += difference * difference;
      references += expected[i] * expected[i];
    }
  }
  result.relative = static_cast<float>(std::sqrt(differences / references));
  return result;
}

} // namespace optrun::test

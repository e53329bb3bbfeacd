// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Comparing two tensors beside memcmp of the same bytes, and generating the inputs of a run.

#include "Compare.h"
#include "InputGenerator.h"

#include <benchmark/benchmark.h>
#include <cstring>

using namespace optrun;
using namespace optrun::verify;

namespace {

/// Numbers of a type, finite all of them, as outputs of a model are.
std::vector<uint8_t> makeElements(ir::DataType type, size_t count) {
  const size_t width = ir::bitWidth(type) / 8;
  std::vector<uint8_t> bytes(count * width);
  for (size_t i = 0; i != count; ++i) {
    const uint64_t bits = (i * 0x9E3779B97F4A7C15) >> 8;
    std::memcpy(&bytes[i * width], &bits, width);
    bytes[i * width + width - 1] &= 0x3F; // the upper end of the exponent means infinity and NaN
  }
  return bytes;
}

/// \p every: one element in so many differs, in its last bit; 0: none.
void compare(benchmark::State &state, ir::DataType type, size_t every) {
  const auto count = static_cast<size_t>(state.range(0));
  const std::vector<uint8_t> expected = makeElements(type, count);
  std::vector<uint8_t> actual = expected;
  const size_t width = ir::bitWidth(type) / 8;
  for (size_t i = 0; every != 0 && i < count; i += every)
    actual[i * width] ^= 1;
  const std::vector<int64_t> dims = {state.range(0)};
  for (auto _ : state)
    benchmark::DoNotOptimize(compareTensors({type, dims, expected}, {type, dims, actual}));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * (2 * expected.size())));
}

/// What compareTensors cannot beat.
void compareBytes(benchmark::State &state) {
  const auto count = static_cast<size_t>(state.range(0));
  const std::vector<uint8_t> expected = makeElements(ir::DataType::Float32, count),
                             actual = makeElements(ir::DataType::Float32, count);
  for (auto _ : state)
    benchmark::DoNotOptimize(std::memcmp(expected.data(), actual.data(), expected.size()));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * (2 * expected.size())));
}

/// Token ids, mask, positions and the keys and values of 32 layers with 8 heads of 64 numbers.
std::vector<InputDescription> languageModelInputs() {
  auto dimension = [](const char *symbol) { return ir::Dimension{std::nullopt, symbol, ""}; };
  auto extent = [](int64_t value) { return ir::Dimension{value, "", ""}; };
  std::vector<InputDescription> inputs(3);
  inputs[0].name = "input_ids";
  inputs[0].role = InputRole::Indices;
  inputs[0].rows = 32000;
  inputs[1].name = "attention_mask";
  inputs[1].role = InputRole::Mask;
  inputs[2].name = "position_ids";
  inputs[2].role = InputRole::Positions;
  for (InputDescription &input : inputs) {
    input.type = ir::DataType::Int64;
    input.shape = {dimension("batch"), dimension("sequence")};
  }
  for (int layer = 0; layer != 32; ++layer)
    for (const char *part : {".key", ".value"}) {
      InputDescription &input = inputs.emplace_back();
      input.name = "past_key_values." + std::to_string(layer) + part;
      input.type = ir::DataType::Float32;
      input.role = InputRole::Past;
      input.shape = {dimension("batch"), extent(8), dimension("past"), extent(64)};
    }
  return inputs;
}

void generate(benchmark::State &state) {
  const std::vector<InputDescription> inputs = languageModelInputs();
  InputExtents extents;
  extents.batch = 2;
  extents.sequence = 16;
  extents.past = state.range(0);
  size_t index = 0;
  uint64_t bytes = 0;
  for (auto _ : state) {
    const InputSet set = llvm::cantFail(generateInputs(inputs, extents, /*seed=*/1, index++));
    for (const ir::TensorRef &tensor : set.tensors)
      bytes += tensor->byteSize();
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

constexpr int64_t SmallTensor = 1 << 12, LargeTensor = 1 << 24;

BENCHMARK(compareBytes)->Arg(SmallTensor)->Arg(LargeTensor);
BENCHMARK_CAPTURE(compare, equalFloat32, ir::DataType::Float32, 0)
    ->Arg(SmallTensor)
    ->Arg(LargeTensor);
BENCHMARK_CAPTURE(compare, differingFloat32, ir::DataType::Float32, 100)
    ->Arg(SmallTensor)
    ->Arg(LargeTensor);
BENCHMARK_CAPTURE(compare, differingFloat16, ir::DataType::Float16, 100)
    ->Arg(SmallTensor)
    ->Arg(LargeTensor);
BENCHMARK_CAPTURE(compare, differingInt64, ir::DataType::Int64, 100)
    ->Arg(SmallTensor)
    ->Arg(LargeTensor);
BENCHMARK(generate)->Arg(0)->Arg(128)->Arg(2048)->Unit(benchmark::kMillisecond);

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows of weights to packed codes, beside memcpy of the same source bytes. Weights are larger than
/// the caches; rows pass through buffers that stay in them.

#include "kernels/BlockQuantizer.h"

#include "optrun/Compression/CodePacking.h"
#include "optrun/IR/TensorSource.h"

#include <benchmark/benchmark.h>
#include <cstring>

using namespace optrun;
using namespace optrun::quantize;

namespace {

constexpr uint64_t Rows = 4096, Columns = 4096;

/// Between -0.02 and 0.02, small ones more often, as weights are.
std::vector<float> makeWeights(uint64_t count) {
  std::vector<float> weights(count);
  uint64_t state = 1;
  for (float &weight : weights) {
    weight = 0;
    for (int term = 0; term != 3; ++term) {
      state = state * 0x5851F42D4C957F2D + 0x14057B7EF767814F;
      weight += static_cast<float>(static_cast<int64_t>(state) >> 40) * (0.0067F * 0x1p-23F);
    }
  }
  return weights;
}

std::vector<uint8_t> bytesOf(const ir::TensorSourceRef &source) {
  std::vector<uint8_t> bytes(source->byteSize());
  llvm::cantFail(source->read(0, bytes));
  return bytes;
}

/// Rows * Columns weights of a type.
ir::TensorSourceRef weightsOf(ir::DataType type) {
  const std::vector<float> weights = makeWeights(Rows * Columns);
  std::vector<uint8_t> bytes(weights.size() * sizeof(float));
  std::memcpy(bytes.data(), weights.data(), bytes.size());
  ir::TensorSourceRef source = ir::makeInlineSource(std::move(bytes));
  if (type == ir::DataType::Float32)
    return source;
  return ir::makeInlineSource(
      bytesOf(llvm::cantFail(ir::makeCastSource(source, ir::DataType::Float32, type))));
}

void setRates(benchmark::State &state, uint64_t weights, uint64_t bytes) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * weights));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}

/// What no quantizer is faster than.
void copy(benchmark::State &state, ir::DataType type) {
  const std::vector<uint8_t> bytes = bytesOf(weightsOf(type));
  std::vector<uint8_t> to(bytes.size());
  for (auto _ : state) {
    std::memcpy(to.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  setRates(state, Rows * Columns, bytes.size());
}

/// \p rows rows of resident weights: read, quantized and packed, as many at a time as a pass reads.
void quantizeResident(benchmark::State &state, ir::DataType type, Grid grid, uint64_t blockSize,
                      uint64_t rows) {
  constexpr uint64_t RowsAtATime = 16;
  const ir::TensorSourceRef weights = weightsOf(type);
  const StoredValues resident(type, *weights->inlineBytes());
  const uint64_t size = RowsAtATime * Columns, packed = packedSize(size, grid.bits);
  const uint64_t blocks = RowsAtATime * ((Columns + blockSize - 1) / blockSize);
  std::vector<float> scales(blocks);
  std::vector<uint8_t> codes(size), zeroCodes(blocks), result(rows / RowsAtATime * packed);
  grid.scaleType = type;
  for (auto _ : state) {
    for (uint64_t part = 0; part != rows / RowsAtATime; ++part) {
      benchmark::DoNotOptimize(quantizeRows(grid, resident.slice(part * size, size), Columns,
                                            blockSize, {}, codes, scales, zeroCodes));
      packCodes(codes, grid.bits, Coding::Unsigned,
                llvm::MutableArrayRef(result).slice(part * packed, packed));
    }
    benchmark::ClobberMemory();
  }
  setRates(state, rows * Columns, rows * Columns * (ir::bitWidth(type) / 8));
}

constexpr Grid int4(Method method, bool symmetric) {
  return {.bits = 4, .symmetric = symmetric, .method = method};
}
constexpr Grid Int8 = {.bits = 8, .convention = Convention::QuantizeLinear};

void addAll() {
  const auto add = [](const std::string &name, auto function, auto... arguments) {
    benchmark::RegisterBenchmark(name.c_str(), function, arguments...)
        ->Unit(benchmark::kMillisecond);
  };
  for (ir::DataType type : {ir::DataType::Float16, ir::DataType::BFloat16, ir::DataType::Float32}) {
    const std::string from = "/" + ir::dataTypeName(type).str();
    add("copy" + from, copy, type);
    add("rtn int4 block 32" + from, quantizeResident, type, int4(Method::Rtn, true), 32, Rows);
    add("rtn uint4 block 32" + from, quantizeResident, type, int4(Method::Rtn, false), 32, Rows);
    add("rtn int8 per channel" + from, quantizeResident, type, Int8, Columns, Rows);
  }
  // Each core with weights of its own.
  for (int threads : {1, 2})
    benchmark::RegisterBenchmark("two cores, rtn int4 block 32/float16", quantizeResident,
                                 ir::DataType::Float16, int4(Method::Rtn, true), 32, Rows)
        ->Unit(benchmark::kMillisecond)
        ->Threads(threads)
        ->UseRealTime();
  for (Method method : {Method::Search, Method::Hqq})
    for (bool symmetric : {true, false})
      for (uint64_t blockSize : {uint64_t(32), uint64_t(128), Columns})
        add(std::string(method == Method::Search ? "search" : "hqq") +
                (symmetric ? " int4" : " uint4") + " block " + std::to_string(blockSize) +
                "/float16",
            quantizeResident, ir::DataType::Float16, int4(method, symmetric), blockSize, 128);
}

[[maybe_unused]] const bool Added = (addAll(), true);

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What reading checkpoints costs: casts and dequantization in bytes read per second, beside
/// copying as many bytes, and reading the headers of large files.

#include "optrun/Checkpoint/Gguf.h"
#include "optrun/Checkpoint/SafeTensors.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/raw_ostream.h"

#include <benchmark/benchmark.h>

using namespace optrun;
using namespace optrun::checkpoint;

namespace {

constexpr size_t SourceBytes = 72 * 40 * 4096; // whole blocks of every type, more than a cache

template <typename T> T valueOf(llvm::Expected<T> value) {
  if (!value)
    llvm::report_fatal_error(value.takeError());
  return std::move(*value);
}

std::vector<uint8_t> weights() {
  std::vector<uint8_t> bytes(SourceBytes);
  uint32_t state = 1;
  for (uint8_t &byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<uint8_t>((state >> 24) & 0x3f); // no NaNs, no infinities
  }
  return bytes;
}

/// Reads all of \p source as passes do, in blocks of a megabyte.
void readInBlocks(benchmark::State &state, const ir::TensorSource &source) {
  std::vector<uint8_t> block(1 << 20);
  for (auto _ : state)
    for (uint64_t offset = 0; offset < source.byteSize(); offset += block.size()) {
      llvm::MutableArrayRef<uint8_t> out(
          block.data(), std::min<uint64_t>(block.size(), source.byteSize() - offset));
      if (llvm::Error error = source.read(offset, out))
        llvm::report_fatal_error(std::move(error));
      benchmark::DoNotOptimize(block.data());
    }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * SourceBytes));
}

void copy(benchmark::State &state) { readInBlocks(state, *ir::makeInlineSource(weights())); }
BENCHMARK(copy);

void cast(benchmark::State &state, ir::DataType from, ir::DataType to) {
  readInBlocks(state, *valueOf(ir::makeCastSource(ir::makeInlineSource(weights()), from, to)));
}
BENCHMARK_CAPTURE(cast, bfloat16_to_float16, ir::DataType::BFloat16, ir::DataType::Float16);
BENCHMARK_CAPTURE(cast, bfloat16_to_float, ir::DataType::BFloat16, ir::DataType::Float32);

void dequantize(benchmark::State &state, GgmlType type, ir::DataType to) {
  std::vector<uint8_t> blocks = weights();
  blocks.resize(SourceBytes / ggmlLayout(type).blockBytes * ggmlLayout(type).blockBytes);
  readInBlocks(state, *valueOf(makeGgufDequantizedSource(ir::makeInlineSource(blocks), type, to)));
}
BENCHMARK_CAPTURE(dequantize, Q4_0_to_float16, GgmlType::Q40, ir::DataType::Float16);
BENCHMARK_CAPTURE(dequantize, Q4_1_to_float16, GgmlType::Q41, ir::DataType::Float16);
BENCHMARK_CAPTURE(dequantize, Q8_0_to_float16, GgmlType::Q80, ir::DataType::Float16);
BENCHMARK_CAPTURE(dequantize, Q4_K_to_float16, GgmlType::Q4K, ir::DataType::Float16);
BENCHMARK_CAPTURE(dequantize, Q6_K_to_float16, GgmlType::Q6K, ir::DataType::Float16);
BENCHMARK_CAPTURE(dequantize, Q4_0_to_float, GgmlType::Q40, ir::DataType::Float32);

/// A file that is removed at the end.
class ScratchFile {
public:
  explicit ScratchFile(llvm::StringRef content) {
    int descriptor;
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("optrun-bench", "", descriptor, path))
      llvm::report_fatal_error(llvm::Twine(error.message()));
    remover.emplace(path);
    llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << content;
  }
  llvm::SmallString<128> path;

private:
  std::optional<llvm::FileRemover> remover;
};

template <typename T> void append(std::string &bytes, T number) {
  bytes.append(reinterpret_cast<const char *>(&number), sizeof(number));
}

void openSafeTensors(benchmark::State &state) {
  std::string header = "{";
  for (int64_t i = 0; i != state.range(0); ++i)
    header += (i ? ",\"model.layers." : "\"model.layers.") + std::to_string(i) +
              ".mlp.up_proj.weight\":{\"dtype\":\"U8\",\"shape\":[1,1],\"data_offsets\":[" +
              std::to_string(i) + "," + std::to_string(i + 1) + "]}";
  header += "}";
  std::string content;
  append<uint64_t>(content, header.size());
  ScratchFile file(content + header + std::string(state.range(0), 'x'));
  for (auto _ : state)
    benchmark::DoNotOptimize(valueOf(SafeTensorsFile::open(file.path)));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(openSafeTensors)
    ->RangeMultiplier(10)
    ->Range(100, 100000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oN);

/// A vocabulary of that many tokens.
void openGguf(benchmark::State &state) {
  std::string content = "GGUF";
  append<uint32_t>(content, 3);
  append<uint64_t>(content, 0); // tensors
  append<uint64_t>(content, 1); // keys
  append<uint64_t>(content, 6);
  content += "tokens";
  append<uint32_t>(content, 9); // an array
  append<uint32_t>(content, 8); // of strings
  append<uint64_t>(content, state.range(0));
  for (int64_t i = 0; i != state.range(0); ++i) {
    append<uint64_t>(content, 7);
    content += "a token";
  }
  ScratchFile file(content);
  for (auto _ : state)
    benchmark::DoNotOptimize(valueOf(GgufFile::open(file.path)));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(openGguf)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oN);

} // namespace

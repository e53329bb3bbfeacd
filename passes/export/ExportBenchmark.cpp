// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Planning where weights go, for 10³ to 10⁶ of them, and writing a data file beside
/// copy_file_range and memcpy of the same bytes.
///
/// Files are made in OPTRUN_BENCH_FOLDER or the current folder; OPTRUN_BENCH_MB is the size of the
/// data file, 1000 unless given and at least 520.

#include "PayloadWriter.h"
#include "PlacementPlan.h"

#include "optrun/Storage/OutputFile.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdlib.h>
#include <unistd.h>

using namespace optrun;
using namespace optrun::exporting;

namespace {

/// The folder of this process, with a file of weights in it; made on first use.
class Scratch {
public:
  static const Scratch &get() {
    static Scratch scratch;
    return scratch;
  }
  std::string path(const char *name) const { return (folder / name).string(); }

  uint64_t size;
  std::shared_ptr<const FileHandle> source;

private:
  Scratch() {
    const char *parent = std::getenv("OPTRUN_BENCH_FOLDER"),
               *megabytes = std::getenv("OPTRUN_BENCH_MB");
    constexpr unsigned long long Usual = 1000, Least = 520; // the most weights need that many
    size = std::max(megabytes ? std::strtoull(megabytes, nullptr, 10) : Usual, Least) * 1000000;
    std::string name = std::string(parent ? parent : ".") + "/optrun-bench-XXXXXX";
    if (!mkdtemp(name.data()))
      llvm::report_fatal_error("cannot make a folder here: set OPTRUN_BENCH_FOLDER");
    folder = name;
    OutputFile file = llvm::cantFail(OutputFile::create(path("weights")));
    std::vector<uint8_t> block(1 << 20);
    for (size_t i = 0; i != block.size(); ++i)
      block[i] = static_cast<uint8_t>(i * 2654435761u >> 24);
    while (file.position() < size)
      llvm::cantFail(file.append(
          llvm::ArrayRef(block).take_front(static_cast<size_t>(size - file.position()))));
    llvm::cantFail(file.close());
    source = llvm::cantFail(FileHandle::open(path("weights")));
  }
  ~Scratch() { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

using Chain = std::vector<std::unique_ptr<ir::Component>>;

/// Four components with \p count ranges of the file of weights between them.
Chain makeChain(int64_t count, uint64_t length, uint64_t distance) {
  constexpr int64_t Parts = 4;
  Chain chain;
  for (int64_t i = 0; i != count; ++i) {
    if (i * Parts / count == static_cast<int64_t>(chain.size()))
      chain.push_back(std::make_unique<ir::Component>());
    const uint64_t offset = static_cast<uint64_t>(i) * distance;
    ir::Value *value = llvm::cantFail(chain.back()->graph.addValue("weight_" + std::to_string(i)));
    auto range = llvm::cantFail(ir::makeFileRangeSource({Scratch::get().source, offset, length}));
    chain.back()->graph.setInitializer(
        *value, llvm::cantFail(ir::Tensor::create(value->name().str(), ir::DataType::UInt8,
                                                  {static_cast<int64_t>(length)}, range)));
  }
  return chain;
}

const std::vector<std::string> Names = {"split_0.onnx", "split_1.onnx", "split_2.onnx",
                                        "split_3.onnx"};

/// Weights of 1 KiB, the least that leaves the .onnx file.
constexpr uint64_t SmallWeight = 1024;

void placeSingle(benchmark::State &state) {
  const Chain chain = makeChain(state.range(0), SmallWeight, /*distance=*/512);
  for (auto _ : state)
    benchmark::DoNotOptimize(exporting::placeSingle(chain, Names));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

/// Into the folder that holds the weights: nothing is to be copied.
void placeInPlace(benchmark::State &state) {
  const Chain chain = makeChain(state.range(0), SmallWeight, /*distance=*/512);
  SharedPlacement shared;
  shared.folder = std::filesystem::canonical(Scratch::get().path(".")).string();
  for (auto _ : state)
    benchmark::DoNotOptimize(placeShared(chain, shared));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

/// A fresh start: no target, and nothing waiting to be written.
std::string freshTarget(benchmark::State &state) {
  state.PauseTiming();
  std::string target = Scratch::get().path("target");
  ::unlink(target.c_str());
  ::sync();
  state.ResumeTiming();
  return target;
}

/// \p shift: bytes by which each weight lies off the boundaries of pages in the source.
void writeDataFile(benchmark::State &state, uint64_t shift) {
  constexpr uint64_t Length = 10 << 20;
  const auto count = static_cast<int64_t>(Scratch::get().size / (Length + shift));
  const Chain chain = makeChain(count, Length, Length + shift);
  // One file that holds everything.
  DataFile file;
  for (const std::unique_ptr<ir::Component> &component : chain)
    for (const ir::Value *value : component->graph.initializers()) {
      file.payloads.push_back({value->tensor(), file.size});
      file.size += Length;
    }
  auto advance = [](uint64_t) { return llvm::Error::success(); };
  Spool none(Scratch::get().path(""));
  for (auto _ : state)
    llvm::cantFail(exporting::writeDataFile(file, freshTarget(state), none, advance));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * file.size));
}

void copyFileRange(benchmark::State &state) {
  const Scratch &scratch = Scratch::get();
  for (auto _ : state) {
    OutputFile file = llvm::cantFail(OutputFile::create(freshTarget(state)));
    llvm::cantFail(file.appendRange(*scratch.source, 0, scratch.size));
    llvm::cantFail(file.close());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * scratch.size));
}

void copyInMemory(benchmark::State &state) {
  const std::vector<uint8_t> from(256 << 20, 1);
  std::vector<uint8_t> to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * from.size()));
}

void ofManyWeights(benchmark::internal::Benchmark *benchmark) {
  benchmark->RangeMultiplier(10)->Range(1000, 1000000)->Unit(benchmark::kMillisecond)->Complexity();
}
void ofManyBytes(benchmark::internal::Benchmark *benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);
}

BENCHMARK(placeSingle)->Apply(ofManyWeights);
BENCHMARK(placeInPlace)->Apply(ofManyWeights);
BENCHMARK(copyInMemory)->Unit(benchmark::kMillisecond);
BENCHMARK(copyFileRange)->Apply(ofManyBytes);
BENCHMARK_CAPTURE(writeDataFile, pagesMatch, 0)->Apply(ofManyBytes);
BENCHMARK_CAPTURE(writeDataFile, pagesDoNotMatch, 1024)->Apply(ofManyBytes);

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading, writing and inferring shapes of graphs of 10³ to 10⁶ nodes. All must grow linearly; a
/// graph of 10⁵ nodes is read and written well under a second.

#include "LayeredModel.h"

#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Onnx/OnnxWriter.h"

#include <benchmark/benchmark.h>
#include <filesystem>
#include <stdlib.h>

using namespace optrun;

namespace {

/// A model of that many nodes on disk, for the life of the process.
class ModelFile {
public:
  explicit ModelFile(int64_t nodes) {
    std::string name = (std::filesystem::temp_directory_path() / "optrun-bench-XXXXXX").string();
    folder = mkdtemp(name.data());
    write(*makeLayeredModel(nodes), path());
  }
  ~ModelFile() { std::filesystem::remove_all(folder); }

  static void write(const ir::Component &component, const std::string &path) {
    OutputFile file = llvm::cantFail(OutputFile::create(path));
    llvm::cantFail(onnx::writeModel(component, file));
    llvm::cantFail(file.close());
  }
  std::string path() const { return folder / "model.onnx"; }

  std::filesystem::path folder;
};

void readModel(benchmark::State &state) {
  ModelFile file(state.range(0));
  for (auto _ : state) {
    auto result = llvm::cantFail(onnx::readModel(file.path()));
    state.PauseTiming(); // freeing the graph takes longer than reading it
    result.component.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void writeModel(benchmark::State &state) {
  ModelFile file(state.range(0));
  auto component = llvm::cantFail(onnx::readModel(file.path())).component;
  std::string output = file.folder / "written.onnx";
  for (auto _ : state) {
    ModelFile::write(*component, output);
    state.PauseTiming();
    std::filesystem::remove(output);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void inferShapes(benchmark::State &state) {
  ModelFile file(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    auto component = llvm::cantFail(onnx::readModel(file.path())).component;
    state.ResumeTiming();
    llvm::cantFail(onnx::inferShapes(*component));
    state.PauseTiming();
    component.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

BENCHMARK(readModel)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();
BENCHMARK(writeModel)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();
BENCHMARK(inferShapes)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading, writing and inferring shapes of graphs of 10³ to 10⁶ nodes. All must grow linearly; a
/// graph of 10⁵ nodes is read and written well under a second.

#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Onnx/OnnxWriter.h"

#include <benchmark/benchmark.h>
#include <filesystem>
#include <stdlib.h>

using namespace optrun;

namespace {

/// A chain of residual blocks, eight nodes each with three weights, named as exporters do.
std::unique_ptr<ir::Component> makeModel(int64_t nodes) {
  auto component = std::make_unique<ir::Component>();
  component->irVersion = 10;
  component->opsets = {{"", 21}};
  ir::Graph &graph = component->graph;
  graph.name = "benchmark";
  ir::Shape shape(3);
  shape[0].symbol = "batch";
  shape[1].symbol = "sequence";
  shape[2].extent = 64;
  auto value = [&](std::string name) { return llvm::cantFail(graph.addValue(std::move(name))); };
  ir::Value *hidden = value("input");
  hidden->setType(ir::Type::tensor(ir::DataType::Float32, shape));
  graph.markInput(*hidden);

  auto weight = [&](const std::string &name) {
    ir::Value *result = value(name);
    std::vector<uint8_t> bytes(64 * 4);
    graph.setInitializer(*result,
                         llvm::cantFail(ir::Tensor::create(name, ir::DataType::Float32, {64},
                                                           ir::makeInlineSource(bytes))));
    return result;
  };
  auto node = [&](const std::string &path, const char *op, std::vector<ir::Value *> inputs) {
    ir::Value *result = value(path + "/" + op + "_output_0");
    llvm::cantFail(graph.addNode(
        {.opType = op, .name = path + "/" + op, .inputs = inputs, .outputs = result}));
    return result;
  };
  for (int64_t layer = 0; layer < nodes / 8; ++layer) {
    std::string path = "/model/layers." + std::to_string(layer) + "/mlp";
    ir::Value *scaled = node(path, "Mul", {hidden, weight(path + ".weight")});
    ir::Value *shifted = node(path, "Add", {scaled, weight(path + ".bias")});
    ir::Value *gate = node(path, "Sigmoid", {shifted});
    ir::Value *gated = node(path + "/gate", "Mul", {gate, shifted});
    ir::Value *root = node(path, "Sqrt", {gated});
    ir::Value *bounded = node(path, "Tanh", {root});
    ir::Value *centered = node(path, "Sub", {bounded, weight(path + ".mean")});
    hidden = node(path + "/residual", "Add", {centered, hidden});
  }
  graph.markOutput(*hidden);
  return component;
}

/// A model of that many nodes on disk, for the life of the process.
class ModelFile {
public:
  explicit ModelFile(int64_t nodes) {
    std::string name = (std::filesystem::temp_directory_path() / "optrun-bench-XXXXXX").string();
    folder = mkdtemp(name.data());
    write(*makeModel(nodes), path());
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

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Graphs of 10^3 to 10^6 nodes: building, walking, verifying, sorting, copying. Each reports its
/// complexity over the sizes, which should be linear. And casts, in bytes read.

#include "optrun/IR/Graph.h"
#include "optrun/IR/TensorSource.h"

#include <benchmark/benchmark.h>

using namespace optrun::ir;

namespace {

template <typename T> T valueOf(llvm::Expected<T> value) {
  if (!value)
    llvm::report_fatal_error(value.takeError());
  return std::move(*value);
}

/// Layers as a transformer has them: each node uses the one before, one some nodes back, and a
/// weight.
std::unique_ptr<Graph> makeGraph(size_t nodes) {
  auto graph = std::make_unique<Graph>();
  Shape shape{{.symbol = "batch"}, {.symbol = "sequence"}, {.extent = 64}};
  Type type = Type::tensor(DataType::Float32, shape);
  Value *input = valueOf(graph->addValue("input", type));
  graph->markInput(*input);
  TensorRef tensor = valueOf(
      Tensor::create("", DataType::Float32, {4}, makeInlineSource(std::vector<uint8_t>(16))));
  std::vector<Value *> values = {input};
  for (size_t i = 0; i != nodes; ++i) {
    std::string name = "model.layers." + std::to_string(i / 32) + ".node_" + std::to_string(i);
    Value *output = valueOf(graph->addValue(name + "_output", type));
    Value *inputs[] = {values.back(), values[values.size() - std::min<size_t>(values.size(), 10)],
                       nullptr};
    if (i % 4 == 0) {
      inputs[2] = valueOf(graph->addValue(name + ".weight"));
      graph->setInitializer(*inputs[2], tensor);
    }
    Value *outputs[] = {output};
    NodeSpec spec{"", "Add", "", name, inputs, outputs};
    Node *node = valueOf(graph->addNode(spec));
    node->attributes().emplace_back("axis", int64_t(1));
    values.push_back(output);
  }
  graph->markOutput(*values.back());
  return graph;
}

void sizes(benchmark::internal::Benchmark *benchmark) {
  benchmark->RangeMultiplier(10)->Range(1000, 1000000)->Unit(benchmark::kMillisecond);
  benchmark->Complexity(benchmark::oN);
}

void build(benchmark::State &state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(makeGraph(state.range(0))); // and takes it down
  state.SetComplexityN(state.range(0));
}
BENCHMARK(build)->Apply(sizes);

void verify(benchmark::State &state) {
  auto graph = makeGraph(state.range(0));
  for (auto _ : state)
    if (llvm::Error error = verifyGraph(*graph))
      llvm::report_fatal_error(std::move(error));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(verify)->Apply(sizes);

void clone(benchmark::State &state) {
  auto graph = makeGraph(state.range(0));
  for (auto _ : state) {
    Graph copy;
    if (llvm::Error error = cloneGraph(*graph, copy))
      llvm::report_fatal_error(std::move(error));
  }
  state.SetComplexityN(state.range(0));
}
BENCHMARK(clone)->Apply(sizes);

void sortSorted(benchmark::State &state) {
  auto graph = makeGraph(state.range(0));
  for (auto _ : state)
    if (llvm::Error error = graph->sortTopologically())
      llvm::report_fatal_error(std::move(error));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(sortSorted)->Apply(sizes);

void sortReversed(benchmark::State &state) {
  auto graph = makeGraph(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Node *> nodes;
    for (Node &node : graph->nodes())
      nodes.push_back(&node);
    for (Node *node : nodes)
      graph->nodes().splice(graph->nodes().begin(), graph->nodes(), node->getIterator());
    state.ResumeTiming();
    if (llvm::Error error = graph->sortTopologically())
      llvm::report_fatal_error(std::move(error));
  }
  state.SetComplexityN(state.range(0));
}
BENCHMARK(sortReversed)->Apply(sizes);

/// Every node but the first few is replaced by two and erased.
void rewrite(benchmark::State &state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto graph = makeGraph(state.range(0));
    state.ResumeTiming();
    size_t count = 0;
    for (Node &node : llvm::make_early_inc_range(graph->nodes())) {
      Value *middle = valueOf(graph->addValue("new_" + std::to_string(count++)));
      Value *result = node.output(0), *input = node.input(0);
      graph->releaseOutputs(node);
      Value *firstOutputs[] = {middle}, *firstInputs[] = {input};
      valueOf(graph->addNode({"", "Relu", "", "", firstInputs, firstOutputs}, &node));
      Value *secondOutputs[] = {result}, *secondInputs[] = {middle};
      valueOf(graph->addNode({"", "Neg", "", "", secondInputs, secondOutputs}, &node));
      graph->eraseNode(node);
    }
    graph->eraseUnusedInitializers();
    state.PauseTiming();
    graph.reset();
    state.ResumeTiming();
  }
  state.SetComplexityN(state.range(0));
}
BENCHMARK(rewrite)->Apply(sizes);

void cast(benchmark::State &state, DataType from, DataType to) {
  constexpr size_t Elements = 4 << 20;
  std::vector<uint8_t> bytes(Elements * bitWidth(from) / 8);
  for (size_t i = 0; i != bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(i * 37 % 61); // no NaNs and few subnormals
  TensorSourceRef source = valueOf(makeCastSource(makeInlineSource(std::move(bytes)), from, to));
  std::vector<uint8_t> out(1 << 20);
  for (auto _ : state)
    for (uint64_t offset = 0; offset < source->byteSize(); offset += out.size())
      if (llvm::Error error = source->read(offset, out))
        llvm::report_fatal_error(std::move(error));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * Elements * bitWidth(from) / 8));
}
BENCHMARK_CAPTURE(cast, float16_to_float, DataType::Float16, DataType::Float32);
BENCHMARK_CAPTURE(cast, float_to_float16, DataType::Float32, DataType::Float16);
BENCHMARK_CAPTURE(cast, bfloat16_to_float, DataType::BFloat16, DataType::Float32);
BENCHMARK_CAPTURE(cast, float_to_bfloat16, DataType::Float32, DataType::BFloat16);
BENCHMARK_CAPTURE(cast, bfloat16_to_float16, DataType::BFloat16, DataType::Float16);
BENCHMARK_CAPTURE(cast, double_to_float16, DataType::Float64, DataType::Float16);

} // namespace

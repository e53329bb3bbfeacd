// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Recovering modules, completing a partition, planning its bytes and cutting, for graphs of 10³ to
/// 10⁶ nodes in four parts. All must grow linearly.

#include "LayeredModel.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Transforms/Partition.h"

#include <benchmark/benchmark.h>

using namespace optrun;

namespace {

constexpr uint32_t Parts = 4;

void finish(benchmark::State &state) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

std::unique_ptr<ir::Component> makeCapturedModel(int64_t nodes) {
  auto component = makeLayeredModel(nodes);
  for (const auto &value : component->graph.values())
    value->setType(ir::Type::tensor(ir::DataType::Float32));
  llvm::cantFail(recoverModuleHierarchy(*component));
  return component;
}

std::vector<uint32_t> seedsOf(const ir::Component &component) {
  const RepeatedBlock block = llvm::cantFail(findRepeatedBlock(component));
  std::vector<uint32_t> seeds = layerOfNodes(component, block);
  for (uint32_t &seed : seeds)
    if (seed != NoLayer)
      seed = static_cast<uint32_t>(uint64_t(seed) * Parts / block.layers.size());
  return seeds;
}

void buildDataflow(benchmark::State &state) {
  auto component = makeLayeredModel(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(Dataflow::build(component->graph)));
  finish(state);
}

void recoverModulesByNames(benchmark::State &state) {
  auto component = makeLayeredModel(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(recoverModuleHierarchy(*component)));
  finish(state);
}

void recoverModulesByStructure(benchmark::State &state) {
  auto component = makeLayeredModel(state.range(0));
  for (ir::Node &node : component->graph.nodes())
    node.name.clear();
  const std::vector<ir::Value *> initializers = component->graph.initializers().vec();
  for (size_t i = 0; i < initializers.size(); ++i)
    llvm::cantFail(component->graph.renameValue(*initializers[i], "w" + std::to_string(i)));
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(recoverModuleHierarchy(*component)));
  finish(state);
}

void findBlock(benchmark::State &state) {
  auto component = makeCapturedModel(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(findRepeatedBlock(*component)));
  finish(state);
}

void complete(benchmark::State &state) {
  auto component = makeCapturedModel(state.range(0));
  const std::vector<uint32_t> seeds = seedsOf(*component);
  const Dataflow flow = llvm::cantFail(Dataflow::build(component->graph));
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(completePartition(flow, seeds, Parts)));
  finish(state);
}

void planBytes(benchmark::State &state) {
  auto component = makeCapturedModel(state.range(0));
  const Partition partition =
      llvm::cantFail(completePartition(component->graph, seedsOf(*component), Parts));
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(contentsOfParts(*component, partition)));
  finish(state);
}

void cut(benchmark::State &state) {
  auto component = makeCapturedModel(state.range(0));
  const Partition partition =
      llvm::cantFail(completePartition(component->graph, seedsOf(*component), Parts));
  const std::vector<std::string> names{"split_0", "split_1", "split_2", "split_3"};
  for (auto _ : state) {
    auto components = llvm::cantFail(cutComponent(*component, partition, names));
    state.PauseTiming();
    components.clear();
    state.ResumeTiming();
  }
  finish(state);
}

void sizes(benchmark::internal::Benchmark *benchmark) {
  benchmark->RangeMultiplier(10)->Range(1000, 1000000)->Unit(benchmark::kMillisecond)->Complexity();
}

BENCHMARK(buildDataflow)->Apply(sizes);
BENCHMARK(recoverModulesByNames)->Apply(sizes);
BENCHMARK(recoverModulesByStructure)->Apply(sizes);
BENCHMARK(findBlock)->Apply(sizes);
BENCHMARK(complete)->Apply(sizes);
BENCHMARK(planBytes)->Apply(sizes);
BENCHMARK(cut)->Apply(sizes);

} // namespace

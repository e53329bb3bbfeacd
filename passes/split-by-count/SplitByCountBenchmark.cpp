// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Planning a split of graphs of 10³ to 10⁶ nodes, and dividing 10 to 10⁴ layers by bytes.

#include "LayerGroups.h"
#include "LayeredModel.h"
#include "SplitPlanning.h"

#include "optrun/Analysis/ModuleHierarchy.h"

#include <benchmark/benchmark.h>

using namespace optrun;

namespace {

void planSplit(benchmark::State &state, SplitByCountOptions::Balance balance) {
  auto component = makeLayeredModel(state.range(0));
  llvm::cantFail(recoverModuleHierarchy(*component));
  SplitByCountOptions options;
  options.splits = 4;
  options.balance = balance;
  for (auto _ : state) {
    Dataflow flow = llvm::cantFail(Dataflow::build(component->graph));
    benchmark::DoNotOptimize(llvm::cantFail(optrun::planSplit(*component, flow, options)));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void divide(benchmark::State &state) {
  constexpr uint32_t PayloadsOfALayer = 20;
  std::vector<std::vector<uint32_t>> payloadsOf(static_cast<size_t>(state.range(0)));
  std::vector<uint64_t> bytes;
  for (std::vector<uint32_t> &payloads : payloadsOf)
    for (uint32_t i = 0; i < PayloadsOfALayer; ++i) {
      payloads.push_back(static_cast<uint32_t>(bytes.size()));
      bytes.push_back(1'000'000 + bytes.size() * 7919 % 100'000);
    }
  for (auto _ : state)
    benchmark::DoNotOptimize(divideByBytes({payloadsOf, bytes}, 8));
  state.SetComplexityN(state.range(0));
}

BENCHMARK_CAPTURE(planSplit, byLayers, SplitByCountOptions::Balance::Layers)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();
BENCHMARK_CAPTURE(planSplit, byBytes, SplitByCountOptions::Balance::Bytes)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();
BENCHMARK(divide)
    ->RangeMultiplier(10)
    ->Range(10, 10000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

} // namespace

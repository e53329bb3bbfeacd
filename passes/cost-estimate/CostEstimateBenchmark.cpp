// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Estimating the costs of graphs of 10³ to 10⁶ nodes, and writing them down.

#include "LayeredModel.h"
#include "ModuleCosts.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Results/CostCsv.h"

#include <benchmark/benchmark.h>

using namespace optrun;

namespace {

void estimateNodes(benchmark::State &state) {
  auto component = makeLayeredModel(state.range(0));
  Dataflow flow = llvm::cantFail(Dataflow::build(component->graph));
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(estimateGraphCost(*component, flow, {1, 16, 0})));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void addUpModules(benchmark::State &state) {
  auto component = makeLayeredModel(state.range(0));
  llvm::cantFail(recoverModuleHierarchy(*component));
  Dataflow flow = llvm::cantFail(Dataflow::build(component->graph));
  const GraphCost cost = llvm::cantFail(estimateGraphCost(*component, flow, {1, 16, 0}));
  for (auto _ : state)
    benchmark::DoNotOptimize(costOfModules(*component, flow, cost, CostPrecision::Keep));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void writeAndReadCsv(benchmark::State &state) {
  std::vector<ModuleCost> rows(static_cast<size_t>(state.range(0)));
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].module = "model.layers." + std::to_string(i) + ".mlp";
    rows[i].params = rows[i].flops = i * 7919;
  }
  for (auto _ : state)
    benchmark::DoNotOptimize(llvm::cantFail(parseCostCsv(printCostCsv(rows), "costs.csv")));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

BENCHMARK(estimateNodes)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();
BENCHMARK(addUpModules)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();
BENCHMARK(writeAndReadCsv)
    ->RangeMultiplier(10)
    ->Range(1000, 1000000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Planning a split of graphs of 10³ to 10⁶ nodes by memory, whole and step by step: estimating the
/// costs of nodes, dividing into units, adding up what units hold, and choosing the cuts.

#include "LayeredModel.h"
#include "MemoryPlanning.h"
#include "ModuleWorkload.h"

#include "optrun/Analysis/ModuleHierarchy.h"

#include <benchmark/benchmark.h>

using namespace optrun;

namespace {

constexpr InputExtents Prompt = {1, 512, 0};

/// A model as capture hands it on, and what each step gets from those before it.
class Steps {
public:
  explicit Steps(int64_t nodes)
      : component(withModules(nodes)), flow(llvm::cantFail(Dataflow::build(component->graph))),
        cost(estimate()), units(divide()), workload(withoutRunMemory(makeWork())) {
    uint64_t bytes = 0;
    for (uint64_t weight : workload.weightBytes)
      bytes += weight;
    options.memory = ByteSize{bytes / 7}; // eight components
  }

  GraphCost estimate() const { return llvm::cantFail(estimateGraphCost(*component, flow, Prompt)); }
  ModuleUnits divide() const { return llvm::cantFail(divideIntoUnits(*component, flow)); }
  planning::Workload makeWork() const {
    return llvm::cantFail(makeWorkload(*component, flow, units, cost));
  }
  planning::Plan choose() const {
    planning::PlanOptions planOptions;
    planOptions.devices = {{.name = "", .memory = options.memory->bytes}};
    planOptions.repeatDevice = true;
    return llvm::cantFail(planComponents(workload, planOptions));
  }
  PlannedSplit plan() const {
    return llvm::cantFail(optrun::planSplit(*component, flow, options, {}));
  }

private:
  static std::unique_ptr<ir::Component> withModules(int64_t nodes) {
    auto component = makeLayeredModel(nodes);
    llvm::cantFail(recoverModuleHierarchy(*component));
    return component;
  }

  const std::unique_ptr<ir::Component> component;
  const Dataflow flow;
  const GraphCost cost;
  const ModuleUnits units;
  const planning::Workload workload;
  SplitByMemoryOptions options;
};

template <typename Step> void measure(benchmark::State &state, Step step) {
  const Steps steps(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize((steps.*step)());
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void forSizes(benchmark::internal::Benchmark *benchmark) {
  benchmark->RangeMultiplier(10)->Range(1000, 1000000)->Unit(benchmark::kMillisecond)->Complexity();
}

BENCHMARK_CAPTURE(measure, planSplit, &Steps::plan)->Apply(forSizes);
BENCHMARK_CAPTURE(measure, estimateGraphCost, &Steps::estimate)->Apply(forSizes);
BENCHMARK_CAPTURE(measure, divideIntoUnits, &Steps::divide)->Apply(forSizes);
BENCHMARK_CAPTURE(measure, makeWorkload, &Steps::makeWork)->Apply(forSizes);
BENCHMARK_CAPTURE(measure, planComponents, &Steps::choose)->Apply(forSizes);

} // namespace

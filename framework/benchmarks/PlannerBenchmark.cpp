// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Planning workloads of 10³ to 10⁶ units with every objective. All must grow with n log n at most.

#include "optrun/Planning/Planner.h"

#include <benchmark/benchmark.h>
#include <random>

using namespace optrun::planning;

namespace {

constexpr uint32_t Components = 4;
constexpr uint32_t UnitsPerLayer = 10;

/// A residual network: each unit uses the result before it and, at the end of a half layer, the
/// stream that the half began with; a mask goes everywhere; the head is tied to the embeddings,
/// which are as large as \p embeddings units.
Workload makeNetwork(uint32_t units, uint32_t embeddings) {
  std::mt19937 random(1);
  Workload network;
  network.units.resize(units);
  for (uint32_t number = 0; number < units; ++number) {
    Unit &unit = network.units[number];
    unit.name = "layers." + std::to_string(number);
    const uint64_t bytes = (1'000'000 + random() % 1'000'000) * (number == 0 ? embeddings : 1);
    network.weightBytes.push_back(bytes);
    network.values.push_back({4096 * (1 + random() % 4), number});
    unit.weights.push_back(number);
    if (number > 0)
      unit.inputs.push_back(number - 1);
    if (number >= UnitsPerLayer && number % (UnitsPerLayer / 2) == 0)
      unit.inputs.push_back(number - UnitsPerLayer / 2);
    if (number % UnitsPerLayer == 3)
      unit.inputs.push_back(0);
    unit.startsLayer = number % UnitsPerLayer == 1;
    unit.cacheBytes = number % UnitsPerLayer == 3 ? 65536 : 0;
    unit.activationBytes = 4096 * (1 + random() % 64);
    unit.trafficBytes = bytes;
    unit.flops = bytes * (1 + random() % 400);
  }
  network.units.back().weights.push_back(0);
  return network;
}

uint64_t bytesOf(const Workload &network) {
  return llvm::cantFail(describeCuts(network, {}, {})).largestBytes();
}

void plan(benchmark::State &state, const Workload &network, const PlanOptions &options) {
  for (auto _ : state)
    if (llvm::Expected<Plan> plan = planComponents(network, options))
      benchmark::DoNotOptimize(*plan);
    else
      state.SkipWithError(llvm::toString(plan.takeError()).c_str());
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}

void fewest(benchmark::State &state, uint32_t components, CutPlaces cuts) {
  const Workload network = makeNetwork(static_cast<uint32_t>(state.range(0)), 10);
  PlanOptions options{Objective::Fewest, cuts, {{"", bytesOf(network) / components}}};
  options.repeatDevice = true;
  plan(state, network, options);
}

/// The embeddings are as large as all the rest, so that the other cuts may be anywhere.
void balancedWithRoom(benchmark::State &state) {
  const auto units = static_cast<uint32_t>(state.range(0));
  const Workload network = makeNetwork(units, units);
  PlanOptions options{Objective::Balanced, CutPlaces::Anywhere, {Device()}};
  options.repeatDevice = true;
  options.components = 2 * Components;
  plan(state, network, options);
}

std::vector<Device> differentDevices(const Workload &network) {
  std::vector<Device> devices;
  for (uint32_t i = 0; i < Components; ++i)
    devices.push_back({"", bytesOf(network) * (3 + i % 2) / 10, 1e13 * (1 + i % 2), 1e11});
  return devices;
}

void fewestOnDifferentDevices(benchmark::State &state) {
  const Workload network = makeNetwork(static_cast<uint32_t>(state.range(0)), 10);
  plan(state, network, {Objective::Fewest, CutPlaces::Anywhere, differentDevices(network)});
}

/// The second device cannot hold the embeddings, so that filling devices is not exact.
void balancedOnASmallDevice(benchmark::State &state) {
  const auto units = static_cast<uint32_t>(state.range(0));
  const Workload network = makeNetwork(units, units / 5);
  std::vector<Device> devices(Components, {"", bytesOf(network) / 2});
  devices[1].memory = bytesOf(network) / 12;
  plan(state, network, {Objective::Balanced, CutPlaces::Anywhere, devices});
}

/// Embeddings that take as long as all the rest leave the other cuts room.
void latency(benchmark::State &state, uint32_t embeddingsPerUnit) {
  const auto units = static_cast<uint32_t>(state.range(0));
  const Workload network = makeNetwork(units, 10 + units * embeddingsPerUnit);
  std::vector<Device> devices = differentDevices(network);
  for (Device &device : devices)
    device.memory = bytesOf(network);
  plan(state, network, {Objective::Latency, CutPlaces::Anywhere, devices});
}

void sizes(benchmark::internal::Benchmark *benchmark) {
  benchmark->RangeMultiplier(10)->Range(1000, 1000000)->Unit(benchmark::kMillisecond)->Complexity();
}

BENCHMARK_CAPTURE(fewest, of4, 4, CutPlaces::Anywhere)->Apply(sizes);
BENCHMARK_CAPTURE(fewest, of100, 100, CutPlaces::Anywhere)->Apply(sizes);
BENCHMARK_CAPTURE(fewest, layers, 4, CutPlaces::PreferLayerBoundaries)->Apply(sizes);
BENCHMARK(balancedWithRoom)->Apply(sizes);
BENCHMARK(fewestOnDifferentDevices)->Apply(sizes);
BENCHMARK(balancedOnASmallDevice)->Apply(sizes);
BENCHMARK_CAPTURE(latency, even, 0)->Apply(sizes);
BENCHMARK_CAPTURE(latency, withRoom, 1)->Apply(sizes);

} // namespace

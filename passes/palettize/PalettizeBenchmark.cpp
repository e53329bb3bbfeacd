// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Weights to tables and packed indices on one core, beside memcpy of the same source bytes; and
/// the clustering alone, of values already sorted.

#include "kernels/GroupPalettizer.h"

#include "optrun/Compression/CodePacking.h"
#include "optrun/IR/FloatScalars.h"

#include <benchmark/benchmark.h>
#include <cstring>

using namespace optrun;
using namespace optrun::palettize;

namespace {

constexpr uint64_t Rows = 2048;

/// Between -0.02 and 0.02, small ones more often, as weights are.
std::vector<float> makeWeights(uint64_t count) {
  std::vector<float> weights(count);
  uint64_t state = 1;
  for (float &weight : weights) {
    weight = 0;
    for (int term = 0; term != 6; ++term) {
      state = state * 0x5851F42D4C957F2D + 0x14057B7EF767814F;
      weight += static_cast<float>(static_cast<int64_t>(state) >> 40) * (0.0067F * 0x1p-23F);
    }
  }
  return weights;
}

std::vector<uint16_t> makeHalves(uint64_t count) {
  std::vector<uint16_t> halves;
  for (const float weight : makeWeights(count))
    halves.push_back(ir::fromFloat<ir::Float16>(weight).bits);
  return halves;
}

void setRates(benchmark::State &state, uint64_t weights, uint64_t bytes) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * weights));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}

/// What nothing is faster than.
void copy(benchmark::State &state, uint64_t columns) {
  const std::vector<uint16_t> halves = makeHalves(Rows * columns);
  std::vector<uint16_t> to(halves.size());
  for (auto _ : state) {
    std::memcpy(to.data(), halves.data(), halves.size() * 2);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  setRates(state, halves.size(), halves.size() * 2);
}

enum class Source { Float16, Float32, Weighted };

/// \p rows rows of \p columns in groups of \p groupRows.
void palettizeRows(benchmark::State &state, PaletteSettings settings, uint64_t rows,
                   uint64_t columns, uint64_t groupRows, Source source) {
  const uint64_t groupSize = groupRows * columns;
  const std::vector<uint16_t> halves = makeHalves(rows * columns);
  const std::vector<float> floats = makeWeights(rows * columns);
  std::vector<float> importance(source == Source::Weighted ? floats.size() : 0);
  for (size_t i = 0; i != importance.size(); ++i)
    importance[i] = floats[i] * floats[i];
  std::vector<uint8_t> codes(groupSize), packed(packedSize(groupSize, settings.lut.bits));
  GroupPalettizer palettizer(settings);
  for (auto _ : state)
    for (uint64_t begin = 0; begin != rows * columns; begin += groupSize) {
      const auto partOf = [&](auto elements) {
        return elements.empty() ? elements : elements.slice(begin, groupSize);
      };
      const llvm::ArrayRef<float> weights = partOf(llvm::ArrayRef(importance));
      const Palette &palette =
          source == Source::Float32
              ? palettizer.palettize(partOf(llvm::ArrayRef(floats)), columns, weights, codes)
              : palettizer.palettize(partOf(llvm::ArrayRef(halves)), ir::DataType::Float16, columns,
                                     weights, codes);
      packCodes(codes, settings.lut.bits, Coding::Unsigned, packed);
      benchmark::DoNotOptimize(palette.errors.squaredError);
      benchmark::ClobberMemory();
    }
  setRates(state, rows * columns, rows * columns * (source == Source::Float32 ? 4 : 2));
}

void clusterOnly(benchmark::State &state, Method method, uint64_t size, size_t count) {
  ElementSorter sorter;
  const SortedElements &sorted = sorter.sort(makeWeights(size), {});
  KMeans kMeans;
  for (auto _ : state)
    benchmark::DoNotOptimize(kMeans.cluster(method, sorted.distinct, count).squaredError);
  state.counters["distinct"] = static_cast<double>(sorted.distinct.size());
  state.counters["passes"] = kMeans.passes();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * size));
}

void addAll() {
  const auto add = [](const std::string &name, auto function, auto... arguments) {
    return benchmark::RegisterBenchmark(name.c_str(), function, arguments...);
  };
  add("copy/8192 columns", copy, 8192)->Unit(benchmark::kMillisecond);
  const auto addRows = [&](const std::string &name, const PaletteSettings &settings, uint64_t rows,
                           uint64_t columns, uint64_t groupRows, Source source = Source::Float16) {
    add(std::to_string(settings.lut.bits) + " bits, " + name + "/" + std::to_string(columns) +
            " columns",
        palettizeRows, settings, rows, columns, groupRows, source)
        ->Unit(benchmark::kMillisecond);
  };
  for (unsigned bits : {1U, 2U, 3U, 4U, 6U, 8U}) {
    const PaletteSettings settings = {.lut = {.bits = bits}};
    addRows("per tensor", settings, Rows, 8192, Rows);
    for (uint64_t columns : {2048U, 8192U}) {
      addRows("groups of 4", settings, 64, columns, 4);
      addRows("per channel", settings, 64, columns, 1);
    }
  }
  const PaletteSettings scaled = {.scaleRows = true};
  addRows("groups of 4, scaled", scaled, 64, 2048, 4);
  addRows("per channel, scaled", scaled, 64, 2048, 1);
  addRows("per channel, float32", {}, 64, 2048, 1, Source::Float32);
  addRows("per channel, weighted", {}, 64, 2048, 1, Source::Weighted);
  addRows("per tensor, weighted", {}, Rows, 8192, Rows, Source::Weighted);
  addRows("per channel, lloyd", {.method = Method::Lloyd}, 64, 2048, 1);
  addRows("per channel, uniform", {.method = Method::Uniform}, 64, 2048, 1);
  for (uint64_t size : {2048U, 4096U, 14'336U, 131'072U})
    for (size_t count : {4U, 16U, 64U, 256U})
      add("cluster/" + std::to_string(size) + "/" + std::to_string(count), clusterOnly,
          Method::Optimal, size, count)
          ->Unit(benchmark::kMicrosecond);
}

[[maybe_unused]] const bool Added = (addAll(), true);

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Whole weights, from memory to the spool, on one core and on two: those of a layer of OPT-1.3B
/// (50 M), matrices of a growing number of rows, and an embedding of 525 M floats, all different.

#include "WeightPalettizer.h"

#include "optrun/Pass/PassManager.h"

#include <benchmark/benchmark.h>
#include <bit>
#include <random>

using namespace optrun;
using namespace optrun::palettize;

namespace {

enum class Shared { Tensor, FourRows, Row };

constexpr uint64_t Hidden = 2048;

PalettizationJob makeJob(ir::DataType type, uint64_t rows, uint64_t columns, Shared shared) {
  std::mt19937 random(static_cast<unsigned>(rows + columns));
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> some(uint64_t(1) << 20), values(rows * columns);
  for (float &value : some)
    value = normal(random);
  // Each row is another one.
  for (uint64_t i = 0; i != values.size(); ++i) {
    const uint64_t row = i / columns;
    values[i] = some[i % some.size()] * (1 + static_cast<float>(row) * 1e-4F);
  }
  const auto *first = reinterpret_cast<const uint8_t *>(values.data());
  ir::TensorSourceRef source = ir::makeInlineSource({first, first + values.size() * sizeof(float)});
  if (type != ir::DataType::Float32) {
    const auto narrow = llvm::cantFail(ir::makeCastSource(source, ir::DataType::Float32, type));
    std::vector<uint8_t> bytes(narrow->byteSize());
    llvm::cantFail(narrow->read(0, bytes));
    source = ir::makeInlineSource(std::move(bytes));
  }
  PalettizationJob job;
  job.tensor = llvm::cantFail(ir::Tensor::create(
      "w", type, {static_cast<int64_t>(rows), static_cast<int64_t>(columns)}, source));
  job.layout = {1, rows, columns, true};
  job.rowsPerGroup = shared == Shared::Tensor ? rows : shared == Shared::FourRows ? 4 : 1;
  return job;
}

/// palettizeWeights() as the body of a pass, for each iteration.
class Palettizing final : public PackagePass {
public:
  Palettizing(llvm::ArrayRef<PalettizationJob> jobs, benchmark::State &state)
      : jobs(jobs), state(state) {}

  llvm::Error run(ir::Package &, PassContext &context) override {
    for (auto _ : state)
      if (llvm::Error error = palettizeWeights(jobs, context).takeError())
        return error;
    return llvm::Error::success();
  }

private:
  llvm::ArrayRef<PalettizationJob> jobs;
  benchmark::State &state;
};

void palettize(benchmark::State &state, llvm::ArrayRef<PalettizationJob> jobs) {
  PassEntry entry;
  entry.info = {.id = "palettizing", .needsModel = false};
  entry.create = [&](const ConfigNode &, Diagnostics &) {
    return std::make_unique<Palettizing>(jobs, state);
  };
  PassRegistry registry;
  llvm::cantFail(registry.add(std::move(entry)));
  RegistryResolver resolver(registry);
  PipelineRequest request{"benchmark", "", {}};
  request.passes.push_back({"palettizing", "", {}, {}});
  Diagnostics diagnostics(nullptr);
  std::optional<Pipeline> pipeline = planPipeline(request, resolver, diagnostics);
  RunSettings settings;
  settings.threads = static_cast<unsigned>(state.range(0));
  RunResult result;
  llvm::cantFail(PassManager(settings, diagnostics).run(*pipeline, result));
  uint64_t weights = 0;
  for (const PalettizationJob &job : jobs)
    weights += job.layout.elements();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * weights));
}

void layer(benchmark::State &state, Shared shared, ir::DataType type, bool scaleRows,
           unsigned bits) {
  std::vector<PalettizationJob> jobs(4, makeJob(type, Hidden, Hidden, shared));
  jobs.push_back(makeJob(type, 4 * Hidden, Hidden, shared));
  jobs.push_back(makeJob(type, Hidden, 4 * Hidden, shared));
  for (PalettizationJob &job : jobs) {
    job.settings.scaleRows = scaleRows;
    job.settings.lut.bits = bits;
  }
  palettize(state, jobs);
}

void matrix(benchmark::State &state, Shared shared) {
  palettize(state,
            makeJob(ir::DataType::Float16, static_cast<uint64_t>(state.range(1)), Hidden, shared));
}

/// Floats like weights, made as they are read: 2^22 of them, again and again with other last bits.
class ManyFloats final : public ir::TensorSource {
public:
  explicit ManyFloats(uint64_t count) : count(count), some(uint64_t(1) << 22) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.02F);
    for (float &value : some)
      value = normal(random);
  }

  uint64_t byteSize() const override { return count * sizeof(float); }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    auto *values = reinterpret_cast<uint32_t *>(out.data());
    for (uint64_t i = 0, index = offset / sizeof(float); i != out.size() / sizeof(float);
         ++i, ++index)
      values[i] = std::bit_cast<uint32_t>(some[index % some.size()]) ^
                  static_cast<uint32_t>(index / some.size());
    return llvm::Error::success();
  }

private:
  uint64_t count;
  std::vector<float> some;
};

void embedding(benchmark::State &state) {
  PalettizationJob job;
  job.layout = {1, 128'256, 4096, true};
  job.rowsPerGroup = job.layout.rows;
  job.tensor =
      llvm::cantFail(ir::Tensor::create("w", ir::DataType::Float32, {128'256, 4096},
                                        std::make_shared<ManyFloats>(job.layout.elements())));
  palettize(state, job);
}

void addAll() {
  const auto add = [](const std::string &name, auto function, auto... arguments) {
    return benchmark::RegisterBenchmark(name.c_str(), function, arguments...)
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
  };
  for (const auto &[name, shared] : {std::pair("per tensor", Shared::Tensor),
                                     {"groups of 4", Shared::FourRows},
                                     {"per channel", Shared::Row}}) {
    const std::string of = std::string(", 4 bits, ") + name;
    add("layer" + of, layer, shared, ir::DataType::Float16, false, 4)->Arg(1)->Arg(2);
    add("layer, scaled" + of, layer, shared, ir::DataType::Float16, true, 4)->Arg(1)->Arg(2);
    add("layer, float32" + of, layer, shared, ir::DataType::Float32, false, 4)->Arg(1)->Arg(2);
    add("matrix" + of, matrix, shared)->ArgsProduct({{1}, {2048, 8192, 32'768}});
  }
  for (unsigned bits : {2, 8})
    add("layer, float32, " + std::to_string(bits) + " bits, per tensor", layer, Shared::Tensor,
        ir::DataType::Float32, false, bits)
        ->Arg(1);
  add("embedding, float32, 4 bits, per tensor", embedding)->Arg(2)->Iterations(1);
}

[[maybe_unused]] const bool Added = (addAll(), true);

} // namespace

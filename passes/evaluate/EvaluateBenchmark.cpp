// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Scoring one position beside memcpy of its logits.

#include "Metrics.h"

#include <benchmark/benchmark.h>
#include <cstring>

using namespace optrun::evaluate;

namespace {

/// Between -16 and 16, as logits are.
std::vector<float> makeLogits(int64_t count, uint64_t seed) {
  std::vector<float> logits(static_cast<size_t>(count));
  uint64_t state = seed;
  for (float &logit : logits) {
    state = state * 0x5851F42D4C957F2D + 0x14057B7EF767814F;
    logit = static_cast<float>(static_cast<int64_t>(state) >> 40) * 0x1p-19f;
  }
  return logits;
}

void setBytes(benchmark::State &state, size_t perIteration) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * perIteration));
}

/// What no figure can be found faster than.
void copyLogits(benchmark::State &state) {
  const std::vector<float> logits = makeLogits(state.range(0), 1);
  std::vector<float> copy(logits.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), logits.data(), logits.size() * sizeof(float));
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  setBytes(state, logits.size() * sizeof(float));
}

void predictNext(benchmark::State &state) {
  const std::vector<float> logits = makeLogits(state.range(0), 1);
  for (auto _ : state)
    benchmark::DoNotOptimize(predict(logits));
  setBytes(state, logits.size() * sizeof(float));
}

void findDivergence(benchmark::State &state) {
  const std::vector<float> logits = makeLogits(state.range(0), 1),
                           others = makeLogits(state.range(0), 2);
  const Prediction reference = predict(logits), model = predict(others);
  for (auto _ : state)
    benchmark::DoNotOptimize(divergence(reference, model));
  setBytes(state, 2 * logits.size() * sizeof(float));
}

void findDeviation(benchmark::State &state) {
  const std::vector<float> reference = makeLogits(state.range(0), 1),
                           model = makeLogits(state.range(0), 2);
  for (auto _ : state)
    benchmark::DoNotOptimize(deviation(reference, model));
  setBytes(state, 2 * reference.size() * sizeof(float));
}

constexpr int64_t SmallVocabulary = 256, SmolLm2 = 49152, Llama3 = 128256;

BENCHMARK(copyLogits)->Arg(SmallVocabulary)->Arg(SmolLm2)->Arg(Llama3);
BENCHMARK(predictNext)->Arg(SmallVocabulary)->Arg(SmolLm2)->Arg(Llama3);
BENCHMARK(findDivergence)->Arg(SmallVocabulary)->Arg(SmolLm2)->Arg(Llama3);
BENCHMARK(findDeviation)->Arg(SmallVocabulary)->Arg(SmolLm2)->Arg(Llama3);

} // namespace

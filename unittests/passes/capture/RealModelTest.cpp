// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// SmolLM2-135M-Instruct from a GGUF file says what the reference implementation says.

#include "CheckpointModel.h"
#include "DecoderFixture.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

#include "optrun/Runtime/OnnxRuntime.h"

#include <filesystem>
#include <numeric>

using namespace optrun;
using namespace optrun::test;

namespace {

std::vector<int64_t> ones(size_t count) { return std::vector<int64_t>(count, 1); }

std::vector<int64_t> countFrom(size_t first, size_t count) {
  std::vector<int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), static_cast<int64_t>(first));
  return numbers;
}

class SmolLm2 : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "set-up did not provide the language model";
    if (llvm::Expected<std::string> version = runtime::version(); !version)
      GTEST_SKIP() << llvm::toString(version.takeError());
    auto component =
        valueOf(buildGraph(valueOf(openCheckpointModel(languageModel(), options)), options));
    model.emplace(*component);
    golden.emplace("smollm2/golden.safetensors");
  }

  CaptureOptions options;
  std::optional<DecoderRun> model;
  std::optional<Golden> golden;
};

/// The reference computes in fp32 with weights rounded to fp16, as they are read here.
TEST_F(SmolLm2, GivesTheLogitsOfTheReference) {
  const std::vector<int64_t> ids = golden->integers("input_ids"), mask = ones(ids.size());
  const std::vector<float> logits = model->run(ids, mask, countFrom(0, ids.size()), 1);
  const std::vector<float> first = golden->floats("logits_first"),
                           last = golden->floats("logits_last");
  const auto vocabulary = static_cast<std::ptrdiff_t>(first.size());
  auto differenceTo = [&](const std::vector<float> &expected, auto begin) {
    return compare(expected, {begin, begin + vocabulary}, {1}, 1, 1).largest;
  };
  EXPECT_LE(differenceTo(first, logits.begin()), 1e-3f);
  EXPECT_LE(differenceTo(last, logits.end() - vocabulary), 1e-3f);
}

TEST_F(SmolLm2, SaysTheSame) {
  std::vector<int64_t> text = golden->integers("prompt_ids"); // and what follows
  const std::vector<int64_t> expected = golden->integers("greedy_ids");
  size_t known = 0; // tokens in the cache
  while (text.size() < expected.size()) {
    const std::vector<int64_t> ids(text.begin() + static_cast<std::ptrdiff_t>(known), text.end());
    const std::vector<float> logits =
        model->run(ids, ones(text.size()), countFrom(known, ids.size()), 1);
    known = text.size();
    const auto last = logits.end() - static_cast<std::ptrdiff_t>(logits.size() / ids.size());
    text.push_back(std::max_element(last, logits.end()) - last);
  }
  EXPECT_EQ(text, expected);
}

} // namespace

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
    golden.emplace("smollm2/golden.safetensors");
  }

  std::vector<float> logitsOf(const ir::Component &component) {
    const std::vector<int64_t> ids = golden->integers("input_ids");
    return DecoderRun(component).run(ids, ones(ids.size()), countFrom(0, ids.size()), 1);
  }

  static std::unique_ptr<ir::Component> capture(CaptureOptions::Precision precision) {
    CaptureOptions options;
    options.precision = precision;
    return valueOf(buildGraph(valueOf(openCheckpointModel(languageModel(), options)), options));
  }

  std::optional<Golden> golden;
};

/// The reference computes in fp32 with weights rounded to fp16, as they are read without the
/// blocks.
TEST_F(SmolLm2, GivesTheLogitsOfTheReference) {
  const CheckpointModel opened = valueOf(openCheckpointModel(languageModel(), {}));
  const std::vector<float> logits = logitsOf(
      *valueOf(decoder::buildDecoder(opened.description, {opened.checkpoint.tensors(), {}}, {})));
  const std::vector<float> first = golden->floats("logits_first"),
                           last = golden->floats("logits_last");
  const auto vocabulary = static_cast<std::ptrdiff_t>(first.size());
  auto differenceTo = [&](const std::vector<float> &expected, auto begin) {
    return compare(expected, {begin, begin + vocabulary}, {1}, 1, 1).largest;
  };
  EXPECT_LE(differenceTo(first, logits.begin()), 1e-3f);
  EXPECT_LE(differenceTo(last, logits.end() - vocabulary), 1e-3f);
}

TEST_F(SmolLm2, GivesTheSameLogitsInBlocks) {
  const std::vector<float> expected = logitsOf(*capture(CaptureOptions::Precision::Float32));
  const std::vector<float> actual = logitsOf(*capture(CaptureOptions::Precision::Keep));
  const auto tokens = static_cast<int64_t>(golden->integers("input_ids").size());
  const Difference difference = compare(expected, actual, ones(tokens), 1, tokens);
  // Weights are the same; sums are taken in another order: 2.4e-6 and 2.3e-4 of logits up to 36.
  // In the graph of opset 23 it is 0.7e-6 and 0.5e-4.
  EXPECT_LE(difference.relative, 1e-5f);
  EXPECT_LE(difference.largest, 1e-3f);
}

TEST_F(SmolLm2, TakesTheRoomOfItsBlocks) {
  auto component = capture(CaptureOptions::Precision::Keep);
  // Those of the file, and zero points of four shapes.
  const uint64_t blocks = 49152 * 576 / 32 * 34 + 106168320 / 32 * 20;
  EXPECT_GT(ir::weightBytes(*component), blocks);
  EXPECT_LT(ir::weightBytes(*component), blocks + (uint64_t{1} << 18));
}

TEST_F(SmolLm2, SaysTheSame) {
  DecoderRun model(*capture(CaptureOptions::Precision::Keep));
  std::vector<int64_t> text = golden->integers("prompt_ids"); // and what follows
  const std::vector<int64_t> expected = golden->integers("greedy_ids");
  size_t known = 0; // tokens in the cache
  while (text.size() < expected.size()) {
    const std::vector<int64_t> ids(text.begin() + static_cast<std::ptrdiff_t>(known), text.end());
    const std::vector<float> logits =
        model.run(ids, ones(text.size()), countFrom(known, ids.size()), 1);
    known = text.size();
    const auto last = logits.end() - static_cast<std::ptrdiff_t>(logits.size() / ids.size());
    text.push_back(std::max_element(last, logits.end()) - last);
  }
  EXPECT_EQ(text, expected);
}

} // namespace

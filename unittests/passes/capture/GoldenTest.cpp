// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Every family computes what the reference implementation does: a prompt with padding, then two
/// more tokens.

#include "DecoderFixture.h"
#include "TestSupport/Errors.h"

#include "optrun/Onnx/Checks.h"
#include "optrun/Runtime/OnnxRuntime.h"

#include <gtest/gtest.h>
#include <numeric>

using namespace optrun;
using namespace optrun::test;
using decoder::DecoderOptions;

namespace {

/// Tokens, mask and positions of the golden file under a prefix ("", "step_").
struct Tokens {
  std::vector<int64_t> ids, mask, positions;
  int64_t batch = 0, sequence = 0;

  Tokens(const Golden &golden, const std::string &prefix)
      : ids(golden.integers(prefix + "input_ids")),
        mask(golden.integers(prefix + "attention_mask")),
        positions(golden.integers(prefix + "position_ids")),
        batch(golden.dims(prefix + "input_ids")[0]),
        sequence(golden.dims(prefix + "input_ids")[1]) {}

  std::vector<float> runBy(DecoderRun &run) const { return run.run(ids, mask, positions, batch); }
  float compare(const std::vector<float> &expected, const std::vector<float> &actual) const {
    return largestDifference(expected, actual, mask, batch, sequence);
  }
};

/// Rows of a and b joined.
std::vector<int64_t> joined(const std::vector<int64_t> &a, const std::vector<int64_t> &b,
                            int64_t batch) {
  std::vector<int64_t> result;
  for (int64_t row = 0; row < batch; ++row)
    for (const std::vector<int64_t> *part : {&a, &b}) {
      const auto width = static_cast<std::ptrdiff_t>(part->size()) / batch;
      result.insert(result.end(), part->begin() + row * width, part->begin() + (row + 1) * width);
    }
  return result;
}

using Parameters = std::tuple<const char *, int64_t, DecoderOptions::Precision>;

class Goldens : public testing::TestWithParam<Parameters> {
protected:
  void SetUp() override {
    if (llvm::Expected<std::string> version = runtime::version(); !version)
      GTEST_SKIP() << llvm::toString(version.takeError());
  }

  DecoderOptions options(bool withCache) const {
    return {.precision = std::get<2>(GetParam()),
            .opset = std::get<1>(GetParam()),
            .withCache = withCache};
  }
  std::string family() const { return std::get<0>(GetParam()); }
  /// The reference is in 32 bits.
  float tolerance() const {
    return std::get<2>(GetParam()) == DecoderOptions::Precision::Float16 ? 2e-3f : 1e-4f;
  }
  void expectSmall(float difference, const std::string &what) {
    EXPECT_LE(difference, tolerance()) << what;
    RecordProperty(what, std::to_string(difference));
  }

  const Golden golden{family()};
};

TEST_P(Goldens, WithCache) {
  auto component = build(readCheckpoint(family()), options(/*withCache=*/true));
  EXPECT_EQ(errorOf(onnx::checkModel(*component)), "");
  DecoderRun run(*component);
  const Tokens prompt(golden, ""), step(golden, "step_");
  expectSmall(prompt.compare(golden.floats("logits"), prompt.runBy(run)), "prompt");
  expectSmall(step.compare(golden.floats("step_logits"), step.runBy(run)), "step");
}

TEST_P(Goldens, WithoutCache) {
  auto component = build(readCheckpoint(family()), options(/*withCache=*/false));
  EXPECT_EQ(errorOf(onnx::checkModel(*component)), "");
  DecoderRun run(*component);
  const Tokens prompt(golden, ""), step(golden, "step_");
  expectSmall(prompt.compare(golden.floats("logits"), prompt.runBy(run)), "prompt");

  // Prompt and step as one sequence; of its logits only the step's are compared.
  const int64_t batch = prompt.batch, length = prompt.sequence + step.sequence;
  const std::vector<float> all = run.run(joined(prompt.ids, step.ids, batch), step.mask,
                                         joined(prompt.positions, step.positions, batch), batch);
  const size_t vocabulary = all.size() / static_cast<size_t>(batch * length);
  std::vector<float> last;
  for (int64_t row = 0; row < batch; ++row)
    last.insert(
        last.end(),
        all.begin() +
            static_cast<std::ptrdiff_t>((row * length + prompt.sequence) * int64_t(vocabulary)),
        all.begin() + static_cast<std::ptrdiff_t>((row + 1) * length * int64_t(vocabulary)));
  expectSmall(step.compare(golden.floats("step_logits"), last), "step");
}

TEST_P(Goldens, BeyondTheOriginalContext) {
  if (!golden.has("long_input_ids"))
    GTEST_SKIP() << "no such golden";
  auto component = build(readCheckpoint(family()), options(/*withCache=*/true));
  DecoderRun run(*component);
  const std::vector<int64_t> ids = golden.integers("long_input_ids"), mask(ids.size(), 1);
  std::vector<int64_t> positions(ids.size());
  std::iota(positions.begin(), positions.end(), 0);
  expectSmall(largestDifference(golden.floats("long_logits"), run.run(ids, mask, positions, 1),
                                mask, 1, static_cast<int64_t>(ids.size())),
              "long");
}

std::string nameOf(const testing::TestParamInfo<Parameters> &test) {
  using Precision = DecoderOptions::Precision;
  const Precision precision = std::get<2>(test.param);
  std::string name = std::get<0>(test.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name + "_opset" + std::to_string(std::get<1>(test.param)) +
         (precision == Precision::Keep      ? "_as_stored"
          : precision == Precision::Float16 ? "_in_fp16"
                                            : "_in_fp32");
}

INSTANTIATE_TEST_SUITE_P(Families, Goldens,
                         testing::Combine(testing::ValuesIn(Families), testing::Values(21, 23),
                                          testing::Values(DecoderOptions::Precision::Keep,
                                                          DecoderOptions::Precision::Float32,
                                                          DecoderOptions::Precision::Float16)),
                         nameOf);

} // namespace

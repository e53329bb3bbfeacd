// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A checkpoint with the shapes of OPT-1.3B, compressed to each of the published sizes: the bytes
/// that are written, by a program that may use 500 MB of memory for 2.63 GB of weights.

#include "RecipeRunTest.h"

using namespace optrun;
using namespace optrun::test;

namespace {

struct PublishedSize {
  const char *name, *pass, *options;
  uint64_t bytes;
  const char *exclude = "model.decoder.embed_positions";
};

void PrintTo(const PublishedSize &size, std::ostream *os) {
  *os << size.pass << ": " << size.options;
}

class CompressionSizeTest : public RecipeRunTest,
                            public testing::WithParamInterface<PublishedSize> {};

/// Weights are zeros that lie in holes of files: how many bytes come of them does not depend on
/// what they are. The table of positions stays as it is, as where the sizes were published; with
/// palettized weights, so does that of embeddings (0.823 GB: with it, 0.669 GB).
TEST_P(CompressionSizeTest, isThePublishedOne) {
  const ProcessResult made = runProcess(
      {buildDir() + "/tests/make-checkpoint", "opt-1.3b", folder.path("model"), "--sparse"});
  ASSERT_EQ(made.exitCode, 0) << made.err;
  const ProcessResult run = runOptRunWithin(
      500'000'000, {writeRecipe({"capture: {model: model}",
                                 std::string(GetParam().pass) + ": {" + GetParam().options +
                                     ", exclude: [" + GetParam().exclude + "]}",
                                 "export: {output: out}"})});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  const Manifest manifest = manifestOf(folder.path("out"));
  ASSERT_EQ(manifest.components.size(), 1u);
  const uint64_t weights = manifest.components.front().weightBytes;
  EXPECT_NEAR(weights, GetParam().bytes, GetParam().bytes / 100);
  uint64_t files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder.path("out")))
    files += entry.file_size();
  EXPECT_GE(files, weights);
  EXPECT_LT(files, weights + 2'000'000); // the graph and the manifest
}

INSTANTIATE_TEST_SUITE_P(
    Opt, CompressionSizeTest,
    testing::Values(
        PublishedSize{"Int8PerTensor", "quantize", "dtype: int8, granularity: per-tensor",
                      1'320'000'000},
        PublishedSize{"Int8PerChannel", "quantize", "dtype: int8, granularity: per-channel",
                      1'320'000'000},
        PublishedSize{"Int4PerTensor", "quantize", "dtype: int4, granularity: per-tensor",
                      660'000'000},
        PublishedSize{"Int4PerChannel", "quantize", "dtype: int4, granularity: per-channel",
                      660'000'000},
        PublishedSize{"Int4Block1024", "quantize", "dtype: int4, block-size: 1024", 668'000'000},
        PublishedSize{"Int4Block32", "quantize", "dtype: int4, block-size: 32", 747'000'000},
        PublishedSize{"Int4Block16", "quantize", "dtype: int4, block-size: 16", 829'000'000},
        PublishedSize{"Int4Block8", "quantize", "dtype: int4, block-size: 8", 993'000'000},
        PublishedSize{"Int4Block4", "quantize", "dtype: int4, block-size: 4", 1'320'000'000},
        PublishedSize{"Palette4Groups4", "palettize", "bits: 4, group-size: 4", 823'000'000,
                      "model.decoder.embed_positions, model.decoder.embed_tokens"}),
    [](const auto &info) { return info.param.name; });

} // namespace

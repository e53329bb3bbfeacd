// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// quantize and palettize among other passes: whatever comes before or after it, and however many
/// threads there are, the same bytes are written, and they are counted right.

#include "SplitByMemoryRun.h"

#include "optrun/Results/CostCsv.h"

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

struct Form {
  const char *name, *pass;
};

void PrintTo(const Form &form, std::ostream *os) { *os << form.pass; }

class CompressionChainTest : public SplitByMemoryRun, public testing::WithParamInterface<Form> {
protected:
  static std::string compress() { return GetParam().pass; }

  void run(const std::vector<std::string> &passes,
           const std::vector<std::string> &options = {}) const {
    std::vector<std::string> arguments = {writeRecipe(passes)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProcessResult result = runOptRun(arguments);
    EXPECT_EQ(result.exitCode, 0) << result.err;
  }

  static std::string exportTo(const std::string &name) {
    return "export: {output: " + name + ", external-data: single}";
  }

  /// The files in a folder and what is in them, but for the manifest, which has times.
  std::map<std::string, std::string> filesIn(const std::string &name) const {
    std::map<std::string, std::string> files;
    for (const std::string &file : namesIn(folder.path(name)))
      if (file != "manifest.json")
        files[file] = contentOf(folder.path(name + "/" + file));
    return files;
  }

  void expectSameFiles(const std::string &one, const std::string &other) const {
    const auto files = filesIn(one), others = filesIn(other);
    ASSERT_FALSE(files.empty());
    ASSERT_EQ(namesIn(folder.path(one)), namesIn(folder.path(other)));
    for (const auto &[file, content] : files)
      EXPECT_TRUE(content == others.at(file)) << file;
  }
};

/// Weights of many tiles, the last ones smaller.
TEST_P(CompressionChainTest, anyNumberOfThreadsWritesTheSame) {
  const std::string model = makeDecoder(
      {"--layers", "2", "--hidden", "520", "--intermediate", "1000", "--vocabulary", "3001"});
  for (const char *threads : {"1", "2", "5"})
    run({capture(model), compress(), exportTo(std::string("out") + threads)},
        {"--threads", threads});
  expectSameFiles("out1", "out2");
  expectSameFiles("out1", "out5");
}

TEST_P(CompressionChainTest, theOrderOfItAndASplitDoesNotMatter) {
  for (const std::string name : {"gpt2-dynamo", "llama-dynamo", "opt-kv-optimum"}) {
    const std::string model = capture(fixture("onnx/" + name + ".onnx")),
                      split = "split-by-count: {splits: 2}", verify = "verify: {samples: 2}";
    run({model, compress(), split, exportTo(name + "-before"), verify});
    run({model, split, compress(), exportTo(name + "-behind"), verify});
    expectSameFiles(name + "-before", name + "-behind");
  }
}

TEST_P(CompressionChainTest, splitByMemoryPlansWithCompressedWeights) {
  const std::string model = fixture("onnx/llama-dynamo.onnx");
  run({capture(model), compress(), exportTo("whole")});
  const uint64_t whole = bytesOf(componentsOf(folder.path("whole")));
  ASSERT_LT(whole, ir::weightBytes(*readModel(model)) / 2);
  run({capture(model), compress(), splitPass("memory: " + std::to_string(whole * 2 / 5) + "B"),
       exportTo("out"), "verify: {samples: 2}"});
  EXPECT_GE(componentsOf(folder.path("out")).size(), 3u);
  expectWithinBudgets(folder.path("out"));
}

TEST_P(CompressionChainTest, costEstimateCountsWhatIsStored) {
  for (const std::string name : {"gpt2-dynamo", "llama-dynamo", "opt-kv-optimum"}) {
    const std::string model = fixture("onnx/" + name + ".onnx");
    run({capture(model), "cost-estimate: {output: before.csv}"});
    run({capture(model), compress(), "cost-estimate: {output: after.csv}", exportTo(name)});
    const ModuleCost before = totalCost(valueOf(readCostCsv(folder.path("before.csv"))).rows),
                     after = totalCost(valueOf(readCostCsv(folder.path("after.csv"))).rows);
    EXPECT_EQ(after.storedBytes, bytesOf(componentsOf(folder.path(name)))) << name;
    EXPECT_EQ(after.params, before.params) << name;
    EXPECT_LT(after.storedBytes, before.storedBytes / 2) << name;
    for (const char *file : {"before.csv", "after.csv"})
      std::filesystem::remove(folder.path(file));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, CompressionChainTest,
    testing::Values(
        Form{"Int8PerTensor",
             "quantize: {dtype: uint8, mode: asymmetric, granularity: per-tensor}"},
        Form{"Int4Blocks", "quantize: {dtype: int4, block-size: 24}"},
        Form{"Int2Search",
             "quantize: {dtype: uint2, mode: asymmetric, block-size: 16, method: search}"},
        Form{"Operator", "quantize: {dtype: uint4, mode: asymmetric, format: operator}"},
        Form{"Dynamic", "quantize: {kind: dynamic}"},
        Form{"Palette4PerTensor", "palettize: {bits: 4}"},
        Form{"Palette1PerChannel", "palettize: {bits: 1, granularity: per-channel}"},
        Form{"Palette3Scaled", "palettize: {bits: 3, group-size: 24, per-channel-scale: true}"},
        Form{"Palette6Int8", "palettize: {bits: 6, group-size: 100, lut-dtype: int8}"}),
    [](const auto &info) { return info.param.name; });

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Cost models of other tools, and of ours, that tell split-by-memory how large modules are.

#include "SplitByMemoryRun.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

namespace {

/// llama-dynamo: 4 layers of 172.5 KB, a table and a head of 65.5 KB each.
class SplitByCostModelTest : public SplitByMemoryRun {
protected:
  ProcessResult planWith(const std::string &csv, const std::string &options) const {
    folder.write("costs.csv", csv);
    return plan(model, options + ", cost-model: costs.csv");
  }

  /// The table of the plan.
  std::string planWithout(const std::string &options) const { return plan(model, options).out; }

  std::string model = fixture("onnx/llama-dynamo.onnx");
};

TEST_F(SplitByCostModelTest, aModuleThatIsLargerThereReservesMemory) {
  // The head will have 200 KB more than the 64 · 256 numbers that the model stores.
  const std::string csv = "module,num_params,num_bytes,num_flops\nlm_head,16384,265536,32768\n";
  const ProcessResult run = (folder.write("costs.csv", csv),
                             splitAndVerify(model, "memory: 400KB, cost-model: costs.csv"));
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("reserved"), HasSubstr("200 KB"), HasSubstr("bit-equal")));
  EXPECT_THAT(run.err, Not(HasSubstr("warning")));
  expectWithinBudgets(folder.path("out"));
  const Manifest manifest = manifestOf(folder.path("out"));
  EXPECT_LE(manifest.components.back().weightBytes + 200'000, 400'000u);

  const ProcessResult tooLarge = planWith("module,num_bytes\nlm_head,500000\n", "memory: 400KB");
  EXPECT_EQ(tooLarge.exitCode, 1);
  EXPECT_THAT(tooLarge.err, HasSubstr("'lm_head' needs 500 KB"));
}

TEST_F(SplitByCostModelTest, whatOtherToolsWrite) {
  const ProcessResult run = planWith("\xEF\xBB\xBF"
                                     "num_bytes,module,num_params,num_flops,depth\r\n"
                                     "65536.0,model.embed_tokens,16384.0,1.0,1\r\n"
                                     "\"265535.5\",\"lm_head\",16384.0,32768.0,1\r\n"
                                     "\r\n"
                                     "7.0,total,8.0,9.0,\r\n",
                                     "memory: 400KB");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("200 KB")) << "modules without a row are as they are stored";
  EXPECT_THAT(run.err, AllOf(HasSubstr("columns that mean nothing here: 'depth'"),
                             HasSubstr("costs.csv:5: the total num_bytes 7 is not the sum of the "
                                       "rows, 331072, which is used")));
}

/// In the way of a tool that knows of no ties: both rows have the table.
TEST_F(SplitByCostModelTest, tiedWeightsReserveNothing) {
  model = fixture("onnx/gpt2-dynamo.onnx");
  const ProcessResult run =
      planWith("module,num_bytes\ntransformer.wte,65536\nlm_head,65536\n", "memory: 400KB");
  EXPECT_EQ(run.out, planWithout("memory: 400KB"));
  EXPECT_THAT(run.err, Not(HasSubstr("warning")));
}

TEST_F(SplitByCostModelTest, aModuleThatIsSmallerThereCountsAsStored) {
  const ProcessResult run = planWith("module,num_bytes\nmodel.layers.0.mlp.up_proj,10240\n"
                                     "model.layers.1.mlp.up_proj,10240\nlm_head,65536\n",
                                     "memory: 400KB");
  EXPECT_EQ(run.out, planWithout("memory: 400KB"));
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("less than the model stores for 2 modules"),
                    HasSubstr("'model.layers.0.mlp.up_proj' has 10.2 KB there and 41.0 KB")));
}

TEST_F(SplitByCostModelTest, modulesThatTheModelDoesNotHave) {
  const ProcessResult some =
      planWith("module,num_bytes\nmodel.layers.4.mlp,1\nmodel.layers.5.mlp,1\nlm_head,65536\n",
               "memory: 400KB");
  EXPECT_EQ(some.out, planWithout("memory: 400KB"));
  EXPECT_THAT(some.err,
              HasSubstr("warning: split-by-memory: the cost model has 2 modules that this "
                        "model does not have; the first is 'model.layers.4.mlp'"));

  const ProcessResult none =
      planWith("module,num_bytes\ntransformer.h.0.mlp,100\n", "memory: 400KB");
  EXPECT_EQ(none.exitCode, 1);
  EXPECT_THAT(none.err, AllOf(HasSubstr("the cost model is of another model"),
                              HasSubstr("'transformer.h.0.mlp'")));
  const ProcessResult empty = planWith("module,num_bytes\n", "memory: 400KB");
  EXPECT_EQ(empty.exitCode, 1);
  EXPECT_THAT(empty.err, HasSubstr("costs.csv' has no modules"));
}

/// The model is not there either: the cost model is read first.
TEST_F(SplitByCostModelTest, aCsvThatIsNoneIsAnErrorAtItsPlace) {
  for (const auto &[csv, message] : std::vector<std::pair<const char *, const char *>>{
           {"", "costs.csv:1: the file is empty"},
           {"module,num_params\nlm_head,1\n", "costs.csv:1: there is no column 'num_bytes'"},
           {"module,num_bytes\nlm_head,many\n", "costs.csv:2: 'many' in column num_bytes"},
           {"module,num_bytes\nlm_head,-1\n", "costs.csv:2: '-1' in column num_bytes"},
           {"module,num_bytes\nlm_head,1\nlm_head,1\n", "costs.csv:3: "},
           {"module,num_bytes\n\"lm_head,1\n", "costs.csv:2: "}}) {
    folder.write("costs.csv", csv);
    const std::string recipe =
        writeRecipe({capture("nowhere.onnx"),
                     "split-by-memory:\n      memory: 1GB\n      cost-model: costs.csv"});
    const ProcessResult run = runOptRun({recipe});
    EXPECT_EQ(run.exitCode, 2) << csv;
    EXPECT_THAT(run.err,
                AllOf(HasSubstr("recipe.yaml:6:19: error: split-by-memory: "), HasSubstr(message)));
  }
  std::filesystem::remove(folder.path("costs.csv"));
  const ProcessResult missing = plan(model, "memory: 1GB, cost-model: costs.csv");
  EXPECT_EQ(missing.exitCode, 2);
  EXPECT_THAT(missing.err, HasSubstr("No such file"));
}

/// Every format, of every fixture: as stored, so that the plan is the one without a cost model.
TEST_F(SplitByCostModelTest, ourOwnAreReadBack) {
  for (const char *name : {"gpt2-dynamo", "llama-dynamo", "llama-kv-optimum", "opt-dynamo",
                           "opt-kv-optimum", "opt-torchscript"})
    for (const char *format : {"all", "published"}) {
      model = fixture(std::string("onnx/") + name + ".onnx");
      const std::string estimate =
          std::string("cost-estimate: {output: costs.csv, format: ") + format + "}";
      const ProcessResult written = runOptRun({writeRecipe({capture(model), estimate})});
      ASSERT_EQ(written.exitCode, 0) << written.err;
      const ProcessResult run = plan(model, "memory: 300KB, cost-model: costs.csv");
      EXPECT_EQ(run.out, planWithout("memory: 300KB")) << name;
      EXPECT_THAT(run.err, Not(HasSubstr("warning"))) << name;
    }
}

/// With a precision of its own, an estimate before the split is what a CSV file is.
TEST_F(SplitByCostModelTest, anEstimateOfThisRunIsACostModel) {
  model = testModel("minilm-int8/model.onnx");
  const std::string estimate = "cost-estimate: {precision: fp32, output: costs.csv}";
  const ProcessResult direct =
      runOptRun({writeRecipe({capture(model), estimate, splitPass("memory: 48MB")}), "--quiet"});
  ASSERT_EQ(direct.exitCode, 0) << direct.err;
  EXPECT_THAT(direct.out, HasSubstr("67.6 MB"))
      << "reserved: 90.5 MB at four bytes a parameter, less the 22.9 MB that are stored";
  const ProcessResult byFile = runOptRun(
      {writeRecipe({capture(model), splitPass("memory: 48MB, cost-model: costs.csv")}), "--quiet"});
  EXPECT_THAT(direct.out, EndsWith(byFile.out));

  const ProcessResult kept =
      runOptRun({writeRecipe({capture(model), "cost-estimate: {}", splitPass("memory: 48MB")})});
  EXPECT_THAT(kept.out, Not(HasSubstr("reserved")));
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What export, verify and evaluate hand on, in words.

#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

#include "optrun/Results/CapturedModel.h"
#include "optrun/Results/Evaluation.h"
#include "optrun/Results/ExportedModel.h"
#include "optrun/Results/VerificationReport.h"

using namespace optrun;
using testing::HasSubstr;

namespace {

std::string print(const ir::Attachment &attachment) {
  std::string text;
  llvm::raw_string_ostream os(text);
  attachment.print(os);
  return text;
}

VerificationReport makeReport(bool bitEqual) {
  VerificationReport report;
  for (const char *inputs : {"batch 1, sequence 8", "batch 2, sequence 5"})
    for (bool optimized : {false, true})
      for (const char *output : {"logits", "present.0.key"})
        report.comparisons.push_back({inputs, output, optimized, bitEqual || optimized, 0, 0});
  return report;
}

TEST(VerificationReport, CountsSetsAndOutputs) {
  VerificationReport report = makeReport(true);
  EXPECT_EQ(report.inputSets(), 2u);
  EXPECT_EQ(report.outputs(), 2u);
  EXPECT_EQ(VerificationReport().inputSets(), 0u);
}

TEST(VerificationReport, SaysBitEqualOfRunsWithoutOptimizations) {
  VerificationReport report = makeReport(true);
  report.comparisons.back().bitEqual = false;
  report.comparisons.back().maxRelative = 3e-7;
  EXPECT_TRUE(report.comparisons.back().optimized);
  EXPECT_EQ(report.summary(), "bit-equal on 2 inputs");
}

TEST(VerificationReport, SaysHowFarOffOtherwise) {
  VerificationReport report = makeReport(false);
  report.comparisons.front().maxRelative = 2.1e-7;
  EXPECT_FALSE(report.allBitEqual());
  EXPECT_EQ(report.maxRelative(), 2.1e-7);
  EXPECT_EQ(report.summary(), "within 2.1e-07 on 2 inputs");
  EXPECT_THAT(print(report), HasSubstr("batch 1, sequence 8, not optimized, logits: absolute"));
}

TEST(CapturedModel, SaysWhatWasBuilt) {
  CapturedModel captured;
  EXPECT_EQ(print(captured), "an ONNX file\n");
  captured.graph = test::parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x) => (float[2] z) <float[2] w = {1.0, 2.0}> { y = Mul(x, w) z = Neg(y) })");
  EXPECT_EQ(print(captured), "a graph of 2 nodes, 8 bytes of weights\n");
}

TEST(ExportedModel, PrintsOneFactALine) {
  ExportedModel model;
  model.folder = "out";
  model.components = {{"split_0", "split_0.onnx", "/x", {"model.data"}, 100, 80, 80, {}, {}}};
  model.shared = {{"model.data", 4096}};
  EXPECT_EQ(print(model),
            "folder: out\n"
            "split_0: split_0.onnx, 100 bytes, 80 bytes of weights (80 planned), data "
            "in model.data\n"
            "shared data: model.data, 4096 bytes\n");
}

TEST(Evaluation, PrintsWhatWasMeasured) {
  EvaluationFigures figures;
  figures.data = "ids.npy";
  figures.windows = 2;
  figures.windowTokens = 16;
  figures.model = {"out", 21.5, SpeedFigures{0.25, 1000, 4096}};
  figures.agreement = 0.75;
  EXPECT_EQ(print(Evaluation(figures, /*isOfExport=*/true)),
            "data: ids.npy, 2 windows of 16 tokens\n"
            "model: out\n"
            "model perplexity: 21.5\n"
            "model speed: 1000.0 tokens/s, loaded in 0.250 s, 4096 bytes\n"
            "top-1 agreement: 0.75\n");
}

} // namespace

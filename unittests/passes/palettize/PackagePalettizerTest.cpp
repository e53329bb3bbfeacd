// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which weights of a package become what, and what is left with it.

#include "PalettizeFixture.h"

#include "optrun/Results/Importance.h"
#include "optrun/Results/ReferenceModel.h"

using namespace optrun;
using namespace optrun::palettize;
using namespace optrun::test;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

using PackagePalettizer = PalettizeTest;

TEST_F(PackagePalettizer, FollowsRules) {
  PalettizeOptions options = PalettizeTest::options(8);
  options.rules.push_back({.match = "model.layers.0", .bits = 3, .groupSize = 2});
  EXPECT_THAT(palettizeModel(twoLayers(), options).formats(),
              ElementsAre("w0: 3 bits, groups of 2", "w1: 8 bits, per tensor"));
  options.rules.front() = {.match = "model.layers.0", .skip = true};
  const Compressed skipped = palettizeModel(twoLayers(), options);
  EXPECT_THAT(skipped.formats(), ElementsAre("w1: 8 bits, per tensor"));
  EXPECT_TRUE(skipped.model().graph.findValue("w0"));
}

TEST_F(PackagePalettizer, ReportsErrorsAndBytes) {
  // Two of four numbers each: 1 and 2 become 1.5, 3 and 4 become 3.5.
  PalettizeOptions options = PalettizeTest::options(1);
  options.useImportance = UseImportance::No;
  const Compressed result = palettizeModel(twoLayers(), options);
  ASSERT_EQ(result.weights.size(), 2U);
  const CompressedWeight &weight = result.weights.front();
  EXPECT_EQ(weight.group, "model.layers.*.up");
  EXPECT_EQ(weight.bytesBefore, 16U);
  EXPECT_EQ(weight.bytesAfter, 1U + 2 * 2);
  EXPECT_NEAR(weight.squaredError, 4 * 0.25, 1e-9);
  EXPECT_NEAR(weight.squaredWeight, 1 + 4 + 9 + 16, 1e-9);
  EXPECT_EQ(ir::weightBytes(result.model()), 2 * weight.bytesAfter);
}

TEST_F(PackagePalettizer, LeavesTheWholeModelAsReference) {
  const Compressed result = palettizeModel(twoLayers(), options(4));
  const auto *reference = result.package.attachments.get<ReferenceModel>();
  ASSERT_TRUE(reference);
  EXPECT_THAT(reference->changedBy, ElementsAre("palettize"));
  EXPECT_TRUE(modelsEqual(result.model(), *reference->graph));
}

TEST_F(PackagePalettizer, LeavesMasksAlone) {
  auto component = twoLayers();
  std::vector<uint8_t> bytes = {0, 0, 192, 127}; // NaN
  bytes.resize(16);
  component->graph.findValue("w1")->setTensor(valueOf(ir::Tensor::create(
      "w1", ir::DataType::Float32, {2, 2}, ir::makeInlineSource(std::move(bytes)))));
  const Compressed result = palettizeModel(std::move(component), options(4));
  EXPECT_THAT(result.formats(), ElementsAre("w0: 4 bits, per tensor"));
  EXPECT_THAT(result.messages,
              ElementsAre(HasSubstr("'w1' stays as it is: 1 of its values are infinite or NaN")));
}

/// A component without weights reads like the others, as when the model is divided afterwards.
TEST_F(PackagePalettizer, RaisesComponentsAlike) {
  Compressed result;
  const std::string v = "float[2,2] v = {1, 2, 3, 4}";
  result.package.components.push_back(
      model("g (float[B,2] x) => (float[B,2] y) <" + v + "> { y = MatMul(x, v) }", 11));
  result.package.components.push_back(
      model("g (float[B,2] y) => (float[B,2] z) { z = Relu(y) }", 11));
  auto reference = std::make_unique<ReferenceModel>();
  reference->graph =
      model("g (float[B,2] x) => (float[B,2] z) <" + v + "> { y = MatMul(x, v) z = Relu(y) }", 11);
  result.package.attachments.set(std::move(reference));
  palettizeAll(result, options(4));
  EXPECT_EQ(result.error, "");
  for (const auto &component : result.package.components) {
    EXPECT_EQ(component->opsetVersion(""), 12);
    EXPECT_EQ(component->opsetVersion("optrun"), 1);
    EXPECT_EQ(component->irVersion, 10);
  }
  EXPECT_EQ(result.package.components[1]->functions.size(), 0U);
}

class ImportancePalettizer : public PalettizeTest {
protected:
  static PalettizeOptions estimating() {
    PalettizeOptions result = options(1);
    result.useImportance = UseImportance::Estimated;
    return result;
  }

  /// One output of three inputs; two entries.
  static Compressed palettizeWith(std::vector<float> importances, PalettizeOptions options) {
    Compressed result;
    result.package.components.push_back(model(R"(g (float[B,3] x) => (float[B,1] y)
      <float[3,1] w = {1, 2, 4}> { ["up"] y = MatMul(x, w) })"));
    if (!importances.empty()) {
      auto importance = std::make_unique<Importance>();
      importance->byWeight["w"] = std::move(importances);
      result.package.attachments.set(std::move(importance));
    }
    palettizeAll(result, options);
    return result;
  }
};

TEST_F(ImportancePalettizer, ClustersWhereErrorsMatter) {
  const auto errorOf = [](const Compressed &result) { return result.weights.front().squaredError; };
  // 1 and 2 share an entry, which goes to 1 (102 / 101) when that matters.
  EXPECT_EQ(errorOf(palettizeWith({1, 1, 1}, options(1))), 0.5);
  EXPECT_NEAR(errorOf(palettizeWith({100, 1, 1}, options(1))), 0.98, 0.001);
  PalettizeOptions without = options(1);
  without.useImportance = UseImportance::No;
  EXPECT_EQ(errorOf(palettizeWith({100, 1, 1}, without)), 0.5);
  EXPECT_EQ(errorOf(palettizeWith({}, options(1))), 0.5);
  // Estimated, 2 counts more than 1: rms is 2.65. What was measured is stronger.
  EXPECT_NEAR(errorOf(palettizeWith({}, estimating())), 0.507, 0.001);
  EXPECT_NEAR(errorOf(palettizeWith({100, 1, 1}, estimating())), 0.98, 0.001);
}

TEST_F(ImportancePalettizer, TakesTheScalesOfNormalizationsForIt) {
  const auto errorWith = [](const char *scale) {
    return palettizeModel(model(std::string(R"(g (float[B,3] x) => (float[B,1] y)
      <float[3,1] w = {1, 2, 4}, float[3] scale = )") +
                                scale + R"(> {
        n = LayerNormalization(x, scale)
        ["up"] y = MatMul(n, w) })"),
                          estimating())
        .weights.front()
        .squaredError;
  };
  EXPECT_NEAR(errorWith("{1, 1, 1}"), 0.507, 0.001);
  EXPECT_NEAR(errorWith("{10, 1, 1}"), 0.975, 0.002);
}

TEST_F(ImportancePalettizer, IsStrictAboutWhatItIsGiven) {
  PalettizeOptions insisting = options(1);
  insisting.useImportance = UseImportance::Yes;
  EXPECT_THAT(palettizeWith({}, insisting).error, HasSubstr("no pass before this one"));
  EXPECT_EQ(palettizeWith({100, 1, 1}, insisting).error, "");
  EXPECT_THAT(palettizeWith({1, 1}, options(1)).error, HasSubstr("is that of 2 inputs"));
}

} // namespace

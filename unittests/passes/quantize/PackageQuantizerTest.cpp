// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which weights of a package become what, and what is left with it.

#include "QuantizeFixture.h"

#include "optrun/Results/Importance.h"
#include "optrun/Results/ReferenceModel.h"

#include <cmath>

using namespace optrun;
using namespace optrun::quantize;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

using PackageQuantizer = QuantizeTest;

TEST_F(PackageQuantizer, FollowsRules) {
  QuantizeOptions options = this->options();
  options.rules.push_back({.match = "model.layers.0", .dtype = ir::DataType::Int4});
  EXPECT_THAT(quantizeModel(twoLayers(), options).formats(),
              ElementsAre("w0: int4, blocks of 32", "w1: int8, per channel"));
  options.rules.front() = {.match = "model.layers.0", .skip = true};
  const Quantized skipped = quantizeModel(twoLayers(), options);
  EXPECT_THAT(skipped.formats(), ElementsAre("w1: int8, per channel"));
  EXPECT_TRUE(skipped.model().graph.findValue("w0"));
  options.rules.front().match = "model.layers.7";
  EXPECT_THAT(quantizeModel(twoLayers(), options).error, HasSubstr("matches none of the weights"));
}

TEST_F(PackageQuantizer, TakesModelsWhoseConstantsAreInputs) {
  // As every model of IR version 3 has them.
  for (const Format format : {Format::Qdq, Format::Operator}) {
    QuantizeOptions options = PackageQuantizer::options();
    options.format = format;
    const Quantized result = quantizeModel(parseModel(R"(<ir_version: 3, opset_import: ["" : 8]>
        g (float[B,2] x, float[2,1] w) => (float[B,1] y) <float[2,1] w = {127, 5}> {
          y = MatMul(x, w) })"),
                                           options);
    EXPECT_EQ(result.error, "");
    EXPECT_THAT(result.weights, SizeIs(1));
    EXPECT_THAT(result.model().graph.inputs(), SizeIs(1));
    EXPECT_GE(result.model().irVersion, 4);
  }
}

TEST_F(PackageQuantizer, LeavesTablesOfPositionsUnlessARuleNamesThem) {
  std::string cosines;
  for (int position = 0; position != 16; ++position)
    cosines += (position ? ", " : "") + std::to_string(std::cos(position));
  const std::string text = "g (int64[N] positions) => (float[N,1] y) <float[16,1] cosines = {" +
                           cosines + "}> { y = Gather(cosines, positions) }";
  QuantizeOptions options = PackageQuantizer::options();
  EXPECT_THAT(quantizeModel(model(text), options).weights, IsEmpty());
  options.rules.emplace_back().match = "cosines";
  EXPECT_THAT(quantizeModel(model(text), options).weights, SizeIs(1));
}

TEST_F(PackageQuantizer, RaisesComponentsAlike) {
  // As when the model is divided afterwards.
  const std::string v = "<float[2,2] v = {127, 5, 3, 1}", w = "float[2,1] w = {127, 5}> ";
  Quantized result;
  result.package.components.push_back(
      model("g (float[B,2] x) => (float[B,2] y) " + v + "> { y = MatMul(x, v) }", 17));
  result.package.components.push_back(
      model("g (float[B,2] y) => (float[B,1] z) <" + w + "{ z = MatMul(y, w) }", 17));
  auto reference = std::make_unique<ReferenceModel>();
  reference->graph = model("g (float[B,2] x) => (float[B,1] z) " + v + ", " + w +
                               "{ y = MatMul(x, v) z = MatMul(y, w) }",
                           17);
  result.package.attachments.set(std::move(reference));
  QuantizeOptions options = PackageQuantizer::options();
  options.rules.emplace_back().match = "v";
  options.rules.front().dtype = ir::DataType::Int4;
  quantizeAll(result, options);
  EXPECT_EQ(result.error, "");
  for (const auto &component : result.package.components) {
    EXPECT_EQ(component->opsetVersion(""), 21);
    EXPECT_EQ(component->irVersion, 10);
  }
}

TEST_F(PackageQuantizer, WarnsWhenThereIsNothingToDo) {
  const Quantized result = quantizeModel(twoLayers(), QuantizeOptions());
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.messages, ElementsAre(HasSubstr("no weight was quantized")));
  EXPECT_TRUE(modelsEqual(*twoLayers(), result.model()));
}

TEST_F(PackageQuantizer, LeavesMasksAlone) {
  auto component = twoLayers();
  ir::Value &weight = *component->graph.findValue("w1");
  std::vector<uint8_t> bytes = {0, 0, 128, 255}; // -inf
  bytes.resize(16);
  weight.setTensor(valueOf(ir::Tensor::create("w1", ir::DataType::Float32, {2, 2},
                                              ir::makeInlineSource(std::move(bytes)))));
  const Quantized result = quantizeModel(std::move(component), options());
  EXPECT_THAT(result.formats(), ElementsAre("w0: int8, per channel"));
  EXPECT_THAT(result.messages,
              ElementsAre(HasSubstr("'w1' stays as it is: 1 of its values are infinite or NaN")));
  EXPECT_TRUE(result.model().graph.findValue("w1"));
}

TEST_F(PackageQuantizer, KeepsModulesAndMetadata) {
  auto component = twoLayers();
  component->graph.nodes().front().metadata = {{"namespace", "layers.0"}};
  const Quantized result = quantizeModel(std::move(component), options());
  const ir::Node &added = result.model().graph.nodes().front();
  EXPECT_TRUE(added.isOp("DequantizeLinear"));
  EXPECT_EQ(added.modulePath, "model.layers.0.up");
  EXPECT_EQ(added.metadata, (ir::Metadata{{"namespace", "layers.0"}}));
}

TEST_F(PackageQuantizer, ReportsErrorsAndBytes) {
  const Quantized result = quantizeModel(twoLayers(), options());
  ASSERT_EQ(result.weights.size(), 2U);
  const CompressedWeight &weight = result.weights.front();
  EXPECT_EQ(weight.group, "model.layers.*.up");
  EXPECT_EQ(weight.bytesBefore, 16U);
  EXPECT_EQ(weight.bytesAfter, 4U + 2 * sizeof(float));
  EXPECT_NEAR(weight.squaredWeight, 1 + 4 + 9 + 16, 1e-5);
  EXPECT_GT(weight.relativeError(), 0);
  EXPECT_LT(weight.relativeError(), 1.0 / 127);
  EXPECT_EQ(ir::weightBytes(result.model()), 2 * weight.bytesAfter);
}

TEST_F(PackageQuantizer, LeavesTheWholeModelAsReference) {
  const Quantized result = quantizeModel(twoLayers(), options());
  const auto *reference = result.package.attachments.get<ReferenceModel>();
  ASSERT_TRUE(reference);
  EXPECT_THAT(reference->changedBy, ElementsAre("quantize"));
  EXPECT_TRUE(modelsEqual(result.model(), *reference->graph));
}

/// One payload in two components, and the model that they were.
TEST_F(PackageQuantizer, QuantizesWhatComponentsShareOnce) {
  const char *const whole = R"(g (int64[N] ids) => (float[N,2] y)
      <float[2,2] table = {127, 1, -127, 2}> {
        ["embed"] rows = Gather(table, ids)
        ["head"] y = Gemm<transB = 1>(rows, table) })";
  auto original = model(whole);
  const ir::TensorRef table = original->graph.findValue("table")->tensor();
  Quantized split;
  split.package.components.push_back(model(R"(g (int64[N] ids) => (float[N,2] rows)
      <float[2,2] table = {0, 0, 0, 0}> { ["embed"] rows = Gather(table, ids) })"));
  split.package.components.push_back(model(R"(g (float[N,2] rows) => (float[N,2] y)
      <float[2,2] table = {0, 0, 0, 0}> { ["head"] y = Gemm<transB = 1>(rows, table) })"));
  for (auto &component : split.package.components)
    component->graph.findValue("table")->setTensor(table);
  auto reference = std::make_unique<ReferenceModel>();
  reference->graph = std::move(original);
  split.package.attachments.set(std::move(reference));
  quantizeAll(split, options());
  EXPECT_EQ(split.error, "");
  EXPECT_EQ(split.weights.size(), 1U);
  auto sourceIn = [](const ir::Component &component) {
    return component.graph.findValue("table_quantized")->tensor()->source();
  };
  EXPECT_EQ(sourceIn(*split.package.components[0]), sourceIn(*split.package.components[1]));
  EXPECT_TRUE(modelsEqual(quantizeModel(model(whole), options()).model(),
                          *split.package.attachments.get<ReferenceModel>()->graph));
}

TEST_F(PackageQuantizer, SearchesWhereErrorsMatter) {
  // One output of three inputs, of which the first alone matters.
  const std::string graph = R"(g (float[B,3] x) => (float[B,1] y)
      <float[3,1] w = {0.77, 1, -0.9}> { ["up"] y = MatMul(x, w) })";
  QuantizeOptions options = this->options();
  options.dtype = ir::DataType::Int2;
  options.method = Method::Search;
  auto errorOfFirst = [&](std::vector<float> importances) {
    Quantized result;
    result.package.components.push_back(model(graph));
    auto importance = std::make_unique<Importance>();
    importance->byWeight["w"] = std::move(importances);
    result.package.attachments.set(std::move(importance));
    quantizeAll(result, options);
    return result.error.empty() ? result.weights.front().squaredError : -1;
  };
  EXPECT_NE(errorOfFirst({100, 0, 0}), errorOfFirst({1, 1, 1}));
  EXPECT_EQ(errorOfFirst({1, 1}), -1);
  EXPECT_EQ(errorOfFirst({1, 1, -1}), -1);
}

} // namespace

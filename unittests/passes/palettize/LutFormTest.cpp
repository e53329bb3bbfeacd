// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Graphs with look-up tables. (The text has the bits of numbers in half precision: 15360 is 1,
/// 16384 is 2, 16896 is 3, 17408 is 4.)

#include "PalettizeFixture.h"

#include "optrun/Transforms/ComponentEditor.h"

using namespace optrun;
using namespace optrun::palettize;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

class LutForm : public PalettizeTest {
protected:
  static std::vector<std::string> functionsOf(const ir::Component &component) {
    std::vector<std::string> names;
    for (const auto &function : component.functions)
      names.push_back(function->name + ":" + function->overload);
    return names;
  }

  /// Whether the model has this graph, and these functions.
  static testing::AssertionResult hasGraph(const ir::Component &actual, const std::string &graph,
                                           const std::vector<std::string> &functions) {
    if (functionsOf(actual) != functions)
      return testing::AssertionFailure()
             << "has the functions " << testing::PrintToString(functionsOf(actual));
    auto expected =
        parseModel(R"(<ir_version: 10, opset_import: ["" : 21, "optrun" : 1]> )" + graph);
    for (const auto &function : actual.functions)
      expected->functions.push_back(valueOf(ir::cloneFunction(*function)));
    return modelsEqual(*expected, actual);
  }
};

TEST_F(LutForm, StatesTheWholeFunction) {
  const Compressed result = palettizeModel(model(R"(g (float[B,2] x) => (float[B,3] y)
      <float[2,3] w = {1, 2, 3, 4, 1, 2}> { ["up"] y = MatMul(x, w) })"),
                                           options(4));
  EXPECT_TRUE(modelsEqual(*parseModel(R"(<ir_version: 10, opset_import: ["" : 21, "optrun" : 1]>
      g (float[B,2] x) => (float[B,3] y)
      <float16[1,16] w_lut = {15360, 16384, 16896, 17408, 17408, 17408, 17408, 17408,
                              17408, 17408, 17408, 17408, 17408, 17408, 17408, 17408},
       uint4[3,2] w_indices = {0, 3, 1, 0, 2, 1}> {
        ["up/LutToDense"] "up/LutToDense_output_0" =
            optrun.LutToDense:uint4 <to = 1, matrix = [3, 2], group_size = 3, shape = [3, 2]>
            (w_indices, w_lut)
        ["up/Transpose"] "up/Transpose_output_0" =
            Transpose<perm = [1, 0]>("up/LutToDense_output_0")
        ["up"] y = MatMul(x, "up/Transpose_output_0") }
      <domain: "optrun", overload: "uint4", opset_import: ["" : 21]>
      LutToDense <to, matrix, group_size, shape> (indices, lut) => (dense) {
        matrix = Constant <value_ints: ints = @matrix> ()
        zero = Constant <value_int = 0> ()
        one = Constant <value_int = 1> ()
        rows = Gather (matrix, zero)
        group_size = Constant <value_int: int = @group_size> ()
        codes = Cast <to = 6> (indices)
        row = Range (zero, rows, one)
        group = Div (row, group_size)
        entries = Cast <to: int = @to> (lut)
        row_entries = Gather (entries, group)
        values = GatherElements <axis = 1> (row_entries, codes)
        shape = Constant <value_ints: ints = @shape> ()
        dense = Reshape (values, shape) })"),
                          result.model()));
  EXPECT_EQ(result.error, "");
}

TEST_F(LutForm, PacksIndicesThatHaveNoType) {
  // Two bits of the byte are used.
  EXPECT_TRUE(hasGraph(palettizeModel(model(R"(g (float[B,2] x) => (float[B,1] y)
      <float[1,2] w = {1, 2}> { ["up"] y = Gemm<transB = 1>(x, w) })"),
                                      options(1))
                           .model(),
                       R"(g (float[B,2] x) => (float[B,1] y)
      <float16[1,2] w_lut = {15360, 16384}, uint8[1] w_indices = {2}> {
        ["up/LutToDense"] "up/LutToDense_output_0" =
            optrun.LutToDense:packed1_partial
            <to = 1, matrix = [1, 2], group_size = 1, shape = [1, 2]> (w_indices, w_lut)
        ["up"] y = Gemm<transB = 1>(x, "up/LutToDense_output_0") })",
                       {"LutToDense:packed1_partial"}));
}

/// Of older opsets, types of 4 bits are none, and Gemm reads rows.
TEST_F(LutForm, RaisesOldModelsNoFurtherThanItHasTo) {
  const Compressed result = palettizeModel(parseModel(R"(<ir_version: 3, opset_import: ["" : 8]>
      g (float[B,2] x, float[2,2] w, float[2] b) => (float[B,2] y)
      <float[2,2] w = {1, 2, 3, 4}> { ["up"] y = Gemm(x, w, b) })"),
                                           options(4));
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.model().opsetVersion(""), 12);
  EXPECT_EQ(result.model().irVersion, 10);
  EXPECT_THAT(functionsOf(result.model()), ElementsAre("LutToDense:packed4"));
  EXPECT_EQ(result.model().functions.front()->opsets.front().version, 12);
  EXPECT_EQ(result.model().graph.nodes().back().intAttribute("transB"), 1);
}

TEST_F(LutForm, StoresTwoBitsAsElementsWhereTheyAreAType) {
  const auto typeAt = [&](int irVersion) {
    const Compressed result = palettizeModel(
        parseModel("<ir_version: " + std::to_string(irVersion) + R"(, opset_import: ["" : 25]>
        g (float[B,1] x) => (float[B,4] y) <float[1,4] w = {1, 2, 3, 4}> { y = MatMul(x, w) })"),
        options(2));
    return result.model().graph.findValue("w_indices")->tensor()->dataType();
  };
  EXPECT_EQ(typeAt(13), ir::DataType::UInt2);
  EXPECT_EQ(typeAt(12), ir::DataType::UInt8);
}

/// Constants are there once. Gather reads bytes of rows, products elements: the same bytes.
TEST_F(LutForm, SharesTiedEmbeddings) {
  const Compressed result = palettizeModel(model(R"(g (int64[N] ids) => (float[N,2] y)
      <float[2,2] table = {1, 2, 3, 4}> {
        ["embed"] rows = Gather(table, ids)
        ["head"] y = Gemm<transB = 1>(rows, table) })"),
                                           [] {
                                             PalettizeOptions options = LutForm::options(4);
                                             options.granularity = Granularity::PerChannel;
                                             options.perChannelScale = true;
                                             options.lutDtype = LutDtype::Int8;
                                             return options;
                                           }());
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(functionsOf(result.model()),
              ElementsAre("LutGather:packed4_int8_scaled", "LutToDense:uint4_int8_scaled"));
  const ir::Graph &graph = result.model().graph;
  const auto constant = [&](const char *name) { return graph.findValue(name)->tensor(); };
  EXPECT_EQ(constant("table_indices")->source(), constant("table_packed_indices")->source());
  EXPECT_THAT(constant("table_indices")->dims(), ElementsAre(2, 2));
  EXPECT_THAT(constant("table_packed_indices")->dims(), ElementsAre(2, 1));
  EXPECT_THAT(constant("table_lut")->dims(), ElementsAre(2, 16));
  EXPECT_THAT(constant("table_lut_scale")->dims(), ElementsAre(2, 1));
  EXPECT_THAT(constant("table_scale")->dims(), ElementsAre(2, 1));
  EXPECT_EQ(graph.initializers().size(), 5U);
  EXPECT_EQ(result.weights.front().bytesAfter, 2U + 2 * 16 + 2 * 2 + 2 * 2);
  EXPECT_EQ(ir::weightBytes(result.model()), result.weights.front().bytesAfter);
}

/// Rows that do not begin with a byte cannot be gathered.
TEST_F(LutForm, GathersFromTheDenseTableWhereRowsShareBytes) {
  const Compressed result = palettizeModel(model(R"(g (int64[N] ids) => (float[N,3] y)
      <float[2,3] table = {1, 2, 3, 4, 5, 6}> { ["embed"] y = Gather(table, ids) })"),
                                           options(3));
  EXPECT_THAT(functionsOf(result.model()), ElementsAre("LutToDense:packed3_partial"));
  EXPECT_TRUE(result.model().graph.nodes().back().isOp("Gather"));
}

TEST_F(LutForm, KeepsTheShapeOfKernels) {
  PalettizeOptions options = LutForm::options(8);
  options.perChannelScale = true;
  const Compressed result = palettizeModel(model(R"(g (float[1,2,4,4] x) => (float[1,1,4,3] y)
      <float[1,2,1,2] w = {4, 1, 2, -4}> { ["conv"] y = Conv(x, w) })"),
                                           options);
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.model().graph.findValue("w_scale")->tensor()->dims(), ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(result.model().graph.nodes().front().output(0)->type(),
            tensorType(ir::DataType::Float32, {1, 2, 1, 2}));
}

/// Rows of all matrices are counted through.
TEST_F(LutForm, TakesStacksOfMatrices) {
  PalettizeOptions options = LutForm::options(1);
  options.groupSize = 3;
  EXPECT_TRUE(hasGraph(palettizeModel(model(R"(g (float[2,B,2] x) => (float[2,B,2] y)
      <float[2,2,2] w = {1, 2, 1, 2, 1, 2, 2, 2}> { ["experts"] y = MatMul(x, w) })"),
                                      options)
                           .model(),
                       R"(g (float[2,B,2] x) => (float[2,B,2] y)
      <float16[2,2] w_lut = {15360, 16384, 16384, 16384}, uint8[1] w_indices = {44}> {
        ["experts/LutToDense"] "experts/LutToDense_output_0" = optrun.LutToDense:packed1
            <to = 1, matrix = [4, 2], group_size = 3, shape = [2, 2, 2]> (w_indices, w_lut)
        ["experts/Transpose"] "experts/Transpose_output_0" =
            Transpose<perm = [0, 2, 1]>("experts/LutToDense_output_0")
        ["experts"] y = MatMul(x, "experts/Transpose_output_0") })",
                       {"LutToDense:packed1"}));
}

/// What is looked up has the type that the operand had; ONNX Runtime computes none in bfloat16.
TEST_F(LutForm, LooksUpInTheTypeOfTheOperand) {
  const Compressed widened = palettizeModel(model(R"(g (float[B,2] x) => (float[B,1] y)
      <float16[2,1] w = {15360, 16384}> {
        ["cast"] wide = Cast<to = 1>(w)
        ["up"] y = MatMul(x, wide) })"),
                                            options(8));
  EXPECT_EQ(widened.model().graph.nodes().front().intAttribute("to"), 1);
  EXPECT_EQ(widened.model().graph.nodes().size(), 3U);
  const Compressed half = palettizeModel(model(R"(g (bfloat16[B,2] x) => (bfloat16[B,1] y)
      <bfloat16[2,1] w = {16256, 16384}> { ["up"] y = MatMul(x, w) })"),
                                         options(8));
  EXPECT_EQ(half.model().graph.findValue("w_lut")->tensor()->dataType(), ir::DataType::BFloat16);
  const ir::Node &call = half.model().graph.nodes().front();
  EXPECT_EQ(call.intAttribute("to"), 1);
  EXPECT_TRUE(call.output(0)->uses().begin()->user()->isOp("Cast"));
}

TEST_F(LutForm, ReachesNestedGraphs) {
  const Compressed result = palettizeModel(
      model(R"(g (bool c, float[B,1] x) => (float[B,8] y) <float[1,8] v = {1,2,3,4,5,6,7,8}> {
        ["if"] y = If (c) <
          then_branch = t () => (float[B,8] a) {
            w = Constant<value = float[1,8] {1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0}>()
            ["up"] a = MatMul(x, w) },
          else_branch = e () => (float[B,8] b) { ["down"] b = MatMul(x, v) }> })"),
      options(3));
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.weights.size(), 2U);
  EXPECT_THAT(functionsOf(result.model()), ElementsAre("LutToDense:packed3"));
  // The one in front of the node, the other one in its branch.
  EXPECT_TRUE(result.model().graph.findValue("v_indices"));
  EXPECT_FALSE(result.model().graph.findValue("w_indices"));
}

TEST_F(LutForm, IsLeftBySecondThoughts) {
  Compressed result = palettizeModel(model(R"(g (int64[N] ids) => (float[N,4] y)
      <float[4,4] w = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8},
       float[4,2] table = {1, 2, 3, 4, 5, 6, 7, 8}> {
        rows = Gather(w, ids) z = MatMul(rows, w) y = Identity(z) })"),
                                     options(2));
  palettizeAll(result, options(2));
  EXPECT_THAT(result.weights, IsEmpty());
}

} // namespace

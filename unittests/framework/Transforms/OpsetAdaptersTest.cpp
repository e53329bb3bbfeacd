// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// One small model for each operator whose change needs more than another version number.

#include "OpsetTestSupport.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

TEST(OpsetAdapters, AxesBecomeAnInput) {
  auto component = raisedFrom(11, R"(g (float[2,1,3] x) => (float[2,3] y, float[1,2,1,3] z) {
    y = Squeeze<axes = [1]>(x)
    z = Unsqueeze<axes = [-4]>(x)
  })");
  EXPECT_THAT(operatorsOf(component->graph),
              ElementsAre("Constant", "Squeeze", "Constant", "Unsqueeze"));
  EXPECT_TRUE(component->graph.findValue("y_axes"));
}

TEST(OpsetAdapters, SqueezeWithoutAxesStaysAsItIs) {
  auto component = raisedFrom(9, "g (float[2,1,3] x) => (float[2,3] y) { y = Squeeze(x) }");
  EXPECT_THAT(operatorsOf(component->graph), ElementsAre("Squeeze"));
}

TEST(OpsetAdapters, ReductionsTakeAxesAsAnInput) {
  for (const char *reduction :
       {"L1", "L2", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"}) {
    SCOPED_TRACE(reduction);
    const std::string op = std::string("Reduce") + reduction;
    raisedFrom(11, "g (float[2,3,4] x) => (float[2,4] some, float[1,1,1] all, float none) {\n"
                   "some = " +
                       op +
                       "<axes = [-2], keepdims = 0>(x)\n"
                       "all = " +
                       op +
                       "(x)\n"
                       "none = " +
                       op + "<axes = [0, 1, 2], keepdims = 0>(x) }");
  }
}

TEST(OpsetAdapters, ReduceLogSumTakesAxesAsAnInput) {
  raisedFrom(13, R"(g (float[2,3] x) => (float[2,1] y) {
    positive = Exp(x)
    y = ReduceLogSum<axes = [1]>(positive)
  })");
}

TEST(OpsetAdapters, SplitTakesItsSizesAsAnInput) {
  raisedFrom(11, R"(g (float[2,6] x) => (float[2,4] a, float[2,2] b) {
    a, b = Split<axis = 1, split = [4, 2]>(x)
  })");
}

TEST(OpsetAdapters, SplitIntoEqualPartsSaysHowMany) {
  auto component = raisedFrom(13, R"(g (float[2,6] x) => (float[2,2] a, float[2,2] c) {
    a, b, c = Split<axis = 1>(x)
  })");
  EXPECT_EQ(component->graph.nodes().front().intAttribute("num_outputs"), 3);
}

TEST(OpsetAdapters, SliceTakesItsRangeAsInputs) {
  raisedFrom(9, R"(g (float[4,5] x) => (float[2,3] y, float[4,5] whole) {
    y = Slice<starts = [1, -3], ends = [3, 9223372036854775807], axes = [0, 1]>(x)
    whole = Slice<starts = [0], ends = [9223372036854775807]>(x)
  })");
}

TEST(OpsetAdapters, TopKTakesKAsAnInput) {
  raisedFrom(9, R"(g (float[3,5] x) => (float[3,2] values, int64[3,2] indices) {
    values, indices = TopK<axis = 1, k = 2>(x)
  })");
}

TEST(OpsetAdapters, ClipTakesItsRangeAsInputs) {
  raisedFrom(9,
             R"(g (float[8] x) => (float[8] both, float[8] above, float[8] below, float[8] none) {
    both = Clip<min = -1.0, max = 1.0>(x)
    above = Clip<min = 0.25>(x)
    below = Clip<max = 0.25>(x)
    none = Clip(x)
  })");
}

TEST(OpsetAdapters, ClipKnowsTheTypeOfWhatAModelComputes) {
  auto component = raisedFrom(9, R"(g (float[4] x) => (float[4] y) {
    half = Cast<to = 10>(x)
    low = Clip<max = 0.5>(half)
    y = Cast<to = 1>(low)
  })");
  EXPECT_EQ(component->graph.findValue("low_max")->type().elementType(), ir::DataType::Float16);
}

TEST(OpsetAdapters, PadTakesPadsAndValueAsInputs) {
  auto component = raisedFrom(9, R"(
    g (float[2,3] x) => (float[4,3] value, float[2,5] zero, float[2,5] reflected) {
    value = Pad<pads = [1, 0, 1, 0], value = 1.5>(x)
    zero = Pad<pads = [0, 1, 0, 1]>(x)
    reflected = Pad<mode = "reflect", pads = [0, 1, 0, 1], value = 2.0>(x)
  })");
  EXPECT_TRUE(component->graph.findValue("value_value"));
  EXPECT_FALSE(component->graph.findValue("reflected_value"));
}

TEST(OpsetAdapters, SoftmaxOverTheLastAxisNeedsNoFlattening) {
  auto component =
      raisedFrom(11, R"(g (float[2,3] x, float[2,3,4] z) => (float[2,3] a, float[2,3,4] b) {
    a = Softmax(x)
    b = LogSoftmax<axis = -1>(z)
  })");
  EXPECT_THAT(operatorsOf(component->graph), ElementsAre("Softmax", "LogSoftmax"));
}

TEST(OpsetAdapters, SoftmaxOverSeveralAxesIsFlattened) {
  for (const char *op : {"Softmax", "LogSoftmax", "Hardmax"}) {
    SCOPED_TRACE(op);
    auto component = raisedFrom(11, std::string(R"(g (float[2,3,4] x) => (float[2,3,4] y) {
      ["attention"] y = )") + op + "(x) }");
    EXPECT_THAT(operatorsOf(component->graph), ElementsAre("Shape", "Flatten", op, "Reshape"));
    EXPECT_EQ(component->graph.findValue("y_rows")->producer()->name, "attention");
  }
}

TEST(OpsetAdapters, SoftmaxOfUnknownRankIsFlattened) {
  // The mask, of ones, has three elements, which only a run can tell.
  auto component = raisedFrom(11, R"(g (float[2,3] x, int64[R] mask) => (float[A,B,C] y) {
    z = Expand(x, mask)
    y = Softmax(z)
  })");
  EXPECT_TRUE(component->graph.findValue("y_flattened"));
}

TEST(OpsetAdapters, DropoutKeepsItsRatio) {
  auto component = raisedFrom(9, R"(g (float[2,3] x) => (float[2,3] y) {
    y, mask = Dropout<ratio = 0.25>(x)
  })");
  EXPECT_TRUE(component->graph.findValue("y_ratio"));
  EXPECT_TRUE(component->graph.findValue("mask"));
}

TEST(OpsetAdapters, BatchNormalizationInInference) {
  raisedFrom(7, R"(g (float[2,2,3] x) => (float[2,2,3] y)
    <float[2] s = {1.5, -1}, float[2] b = {0.25, 0}, float[2] m = {0.5, 0.5}, float[2] v = {2, 3}> {
    y = BatchNormalization<spatial = 1, epsilon = 0.001>(x, s, b, m, v)
  })");
}

TEST(OpsetAdapters, GroupNormalizationRepeatsItsScales) {
  auto component = modelOfOpset(18, R"(g (float[2,6,2] x) => (float[2,6,2] y)
    <float[3] s = {1.5, -1, 2}, float[3] b = {0.25, 0, 1}> {
    y = GroupNormalization<num_groups = 3>(x, s, b)
  })");
  // ONNX Runtime refuses version 18: the reference is the formula in simpler operators.
  auto formula = modelOfOpset(18, R"(g (float[2,6,2] x) => (float[2,6,2] y)
    <float[1,3,1] s = {1.5, -1, 2}, float[1,3,1] b = {0.25, 0, 1}, float e = {0.00001},
     int64[3] rows = {2, 3, 4}, int64[3] shape = {2, 6, 2}, int64[1] last = {2}> {
    r = Reshape(x, rows)
    mean = ReduceMean(r, last)
    square = Mul(r, r)
    meanOfSquare = ReduceMean(square, last)
    squareOfMean = Mul(mean, mean)
    variance = Sub(meanOfSquare, squareOfMean)
    variancePlus = Add(variance, e)
    deviation = Sqrt(variancePlus)
    centred = Sub(r, mean)
    normal = Div(centred, deviation)
    scaled = Mul(normal, s)
    shifted = Add(scaled, b)
    y = Reshape(shifted, shape)
  })");
  for (int64_t target : {21, 25}) {
    Chain chain;
    chain.push_back(valueOf(ir::cloneComponent(*component)));
    EXPECT_EQ(errorOf(convertOpset(*chain.front(), target)), "");
    EXPECT_EQ(errorOf(optrun::onnx::checkModel(*chain.front())), "");
    EXPECT_TRUE(chainComputesTheSame(*formula, chain));
  }
}

TEST(OpsetAdapters, UpsampleBecomesResize) {
  auto component = raisedFrom(7, R"(g (float[1,1,2,3] x) => (float[1,1,4,7] y, float[1,1,4,9] z) {
    ["up"] y = Upsample<mode = "nearest", scales = [1.0, 1.0, 2.0, 2.5]>(x)
    z = Upsample<mode = "linear", scales = [1.0, 1.0, 2.0, 3.0]>(x)
  })");
  const ir::Node &resize = *component->graph.findValue("y")->producer();
  EXPECT_EQ(resize.opType(), "Resize");
  EXPECT_EQ(resize.name, "up");
}

TEST(OpsetAdapters, UpsampleByComputedScales) {
  raisedFrom(9, R"(g (float[1,1,2,3] x, float[4] scale) => (float[1,1,H,W] y)
    <float[4] unit = {1, 1, 2, 2}> {
    magnitude = Abs(scale)
    clipped = Clip<max = 1.0>(magnitude)
    factors = Ceil(clipped)
    scales = Mul(factors, unit)
    y = Upsample(x, scales)
  })");
}

TEST(OpsetAdapters, ResizeOfOpset10KeepsItsNeighbours) {
  raisedFrom(
      10,
      R"(g (float[1,1,4,6] x) => (float[1,1,8,10] larger, float[1,1,2,2] smaller, float[1,1,6,3] linear)
    <float[4] up = {1, 1, 2, 1.7}, float[4] down = {1, 1, 0.6, 0.4}, float[4] both = {1, 1, 1.5, 0.5}> {
    larger = Resize<mode = "nearest">(x, up)
    smaller = Resize<mode = "nearest">(x, down)
    linear = Resize<mode = "linear">(x, both)
  })");
}

TEST(OpsetAdapters, ResizeByScalesOrSizes) {
  auto component = raisedFrom(11, R"(
    g (float[1,1,4,6] x) => (float[1,1,6,9] a, float[1,1,3,4] b)
    <float[0] none = {}, float[4] scales = {1, 1, 1.5, 1.5}, int64[4] sizes = {1, 1, 3, 4}> {
    a = Resize<mode = "cubic", coordinate_transformation_mode = "pytorch_half_pixel">(x, none, scales)
    b = Resize<mode = "linear", coordinate_transformation_mode = "align_corners">(x, none, none, sizes)
  })");
  EXPECT_FALSE(component->graph.findValue("b")->producer()->input(2));
}

TEST(OpsetAdapters, ScatterIsScatterElements) {
  auto component = raisedFrom(9, R"(g (float[3] x, float[2] updates) => (float[3] y)
    <int64[2] indices = {2, 0}> { y = Scatter(x, indices, updates) })");
  EXPECT_THAT(operatorsOf(component->graph), ElementsAre("ScatterElements"));
}

TEST(OpsetAdapters, RoiAlignKeepsItsOffset) {
  auto component = modelOfOpset(10, R"(g (float[1,1,6,6] x) => (float[1,1,2,2] y)
    <float[1,4] rois = {0.5, 0.5, 4.5, 4.5}, int64[1] batch = {0}> {
    y = RoiAlign<output_height = 2, output_width = 2, sampling_ratio = 2>(x, rois, batch)
  })");
  raised(*component, 21); // ONNX Runtime has no kernel for version 22
}

TEST(OpsetAdapters, GridSampleModesAreRenamed) {
  raisedFrom(
      16,
      R"(g (float[1,1,4,4] x, float[1,2,2,2] grid) => (float[1,1,2,2] a, float[1,1,2,2] b, float[1,1,2,2] c) {
    a = GridSample<mode = "bicubic">(x, grid)
    b = GridSample(x, grid)
    c = GridSample<mode = "nearest">(x, grid)
  })");
}

TEST(OpsetAdapters, FourierTransformsTakeTheAxisAsAnInput) {
  raisedFrom(17, R"(g (float[2,4,3,1] x) => (float[2,4,3,2] a, float[2,4,3,2] b) {
    a = DFT(x)
    b = DFT<axis = 2>(x)
  })");
}

TEST(OpsetAdapters, RecurrentNetworksStayAsTheyAre) {
  raisedFrom(7, "g (float[3,1,2] x) => (float[3,1,1,2] a, float[3,1,1,2] b, float[3,1,1,2] c)\n<" +
                    zeros("float", "w1", {1, 2, 2}) + "," + zeros("float", "w3", {1, 6, 2}) + "," +
                    zeros("float", "w4", {1, 8, 2}) + R"(> {
    a, ah = RNN<hidden_size = 2>(x, w1, w1)
    b, bh = GRU<hidden_size = 2>(x, w3, w3)
    c, ch, cc = LSTM<hidden_size = 2>(x, w4, w4)
  })");
}

TEST(OpsetAdapters, PoolingThatRoundsUp) {
  raisedFrom(10, R"(g (float[1,1,6,6] x) => (float[1,1,3,3] a, float[1,1,3,3] b) {
    a = MaxPool<kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1>(x)
    b = AveragePool<kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1>(x)
  })");
}

TEST(OpsetAdapters, CommonOperatorsOfOpset7) {
  raisedFrom(7, R"(g (float[1,2,4,4] x) => (float[1,3] y)
    <float[2,2,3,3] w = {1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9},
     float[3,8] g = {1,2,3,4,5,6,7,8,1,2,3,4,5,6,7,8,1,2,3,4,5,6,7,8}, float[3] bias = {1,2,3}> {
    a = Conv<auto_pad = "SAME_UPPER">(x, w)
    b = Relu(a)
    p = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(b)
    f = Flatten(p)
    m = Gemm<transB = 1>(f, g, bias)
    y = Softmax(m)
  })");
}

TEST(OpsetAdapters, QuantizedOperators) {
  raisedFrom(10, R"(g (float[2,4] x) => (float[2,4] y)
    <float s = {0.5}, uint8 z = {3}> {
    q = QuantizeLinear(x, s, z)
    y = DequantizeLinear(q, s, z)
  })");
}

TEST(OpsetRefusals, NameTheNodeTheOperatorAndTheVersions) {
  EXPECT_EQ(
      refusalOf(9, R"(g (int64[2] x, int64 depth, float[2] values) => (float[2,D] y) {
              ["hot"] y = OneHot(x, depth, values) })"),
      "the model cannot be raised to opset 21: node 'hot' (OneHot) cannot go from version 9 of "
      "OneHot to version 11: an index below zero is counted from the end and was outside "
      "before");
}

TEST(OpsetRefusals, NamelessNodesGoByTheirOutput) {
  EXPECT_THAT(refusalOf(11, "g (float[2,3] x) => (float[2,3] y) { y = Mystery(x) }"),
              HasSubstr("the Mystery node that produces 'y': opset 11 has no such operator"));
}

TEST(OpsetRefusals, UsesThatNewerVersionsDoNotKeep) {
  struct Case {
    int64_t opset;
    const char *graph;
    const char *reason;
    int64_t target = 25;
  };
  for (
      const Case &refused : {
          Case{9, "g (float[2,3] x) => (float[2,3] y, bool[2,3] m) { y, m = Dropout(x) }",
               "its mask is used"},
          Case{7, R"(g (float[2,2] x, float[2] s) => (float[2,2] y) {
             y = BatchNormalization<spatial = 0>(x, s, s, s, s) })",
               "spatial = 0"},
          Case{9, R"(g (float[2,2] x, float[2] s) => (float[2,2] y) {
             y, m, v, sm, sv = BatchNormalization(x, s, s, s, s) })",
               "as in training"},
          Case{10, R"(g (float[1,1,4,4] x, float[4] s) => (float[1,1,H,W] y) { y = Resize(x, s) })",
               "its scales are no constant"},
          Case{10, R"(g (float[1,1,4,4] x) => (float[1,1,H,W] y) <float[4] s = {1, 1, 2, 0.5}> {
             y = Resize(x, s) })",
               "some axes larger and others smaller"},
          Case{11, R"(g (float[1,1,4,4] x, float[8] roi, float[4] s) => (float[1,1,H,W] y) {
             y = Resize<coordinate_transformation_mode = "tf_half_pixel_for_nn">(x, roi, s) })",
               "tf_half_pixel_for_nn"},
          Case{9, R"(g (float[1,1,4,4] x, float[1,1,3,3] w) => (float[1,1,8,8] y) {
             y = ConvTranspose<auto_pad = "SAME_UPPER", strides = [2, 2]>(x, w) })",
               "by another rule"},
          Case{12, R"(g (float[1,1,4,4] x) => (float[1,1,H,W] y) {
             y = MaxPool<kernel_shape = [2, 2], strides = [3, 3], ceil_mode = 1, pads = [0, 0, 1, 1]>(x) })",
               "ceil_mode"},
          Case{9, "g (int32[2] x) => (int32[2] y) { y = Erf(x) }", "it takes int32"},
          Case{18,
               "g (float[2,C,2] x, float[2] s) => (float[2,C,2] y) { y = "
               "GroupNormalization<num_groups = 2>(x, s, s) }",
               "the number of channels of its input is unknown"},
          Case{19, "g (float[2] x) => (float8e4m3fnuz[2] y) { y = Cast<to = 18>(x) }", "infinity"},
          Case{
              23,
              R"(g (float[1,1,2,4] q, float[1,1,3,4] past) => (float[1,1,2,4] y, float[1,1,5,4] k, float[1,1,5,4] v) {
             y, k, v = Attention<is_causal = 1>(q, q, q, , past, past) })",
              "it is causal and has a past"},
      })
    EXPECT_THAT(refusalOf(refused.opset, refused.graph, refused.target), HasSubstr(refused.reason));
}

} // namespace

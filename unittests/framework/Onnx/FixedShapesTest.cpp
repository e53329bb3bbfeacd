// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shapes that follow from the shapes of the inputs.

#include "optrun/Onnx/FixedShapes.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

namespace optrun::onnx {
namespace {

using test::valueOf;

/// The type of the output y, of a graph whose first input has the shape [2, 5].
std::string typeOfResult(const std::string &text, int opset = 21) {
  auto component =
      test::parseModel("<ir_version: 10, opset_import: [\"\" : " + std::to_string(opset) +
                       ", \"local\" : 1]> g (float[N,S] x" + text);
  const FixedShapes shapes =
      valueOf(inferFixedShapes(*component, {{component->graph.inputs()[0], {2, 5}}},
                               [](llvm::StringRef symbol) -> std::optional<int64_t> {
                                 return symbol == "S" ? std::optional<int64_t>(5) : std::nullopt;
                               }));
  const ir::Type *type = shapes.types.lookup(component->graph.outputs()[0]);
  std::string printed;
  llvm::raw_string_ostream os(printed);
  if (type)
    type->print(os);
  return printed;
}

TEST(FixedShapes, FollowOperators) {
  EXPECT_EQ(typeOfResult(") => (float[A,B] y) { y = Transpose(x) }"), "float[5,2]");
  EXPECT_EQ(typeOfResult(") => (float[7,7] y) { y = Relu(x) }"), "float[2,5]")
      << "what the model states is about another run";
}

TEST(FixedShapes, AreComputedThroughArithmetic) {
  const std::string vector = R"() => (float[?,?] y)
      <int64 zero = {0}, int64 one = {1}, int64[1] first = {0}, int64[1] last = {-1}> {
        s = Shape(x) n = Gather(s, one) )";
  EXPECT_EQ(typeOfResult(") => (int64[?] y) <int64 zero = {0}, int64 one = {1}> "
                         "{ s = Shape(x) n = Gather(s, one) y = Range(zero, n, one) }"),
            "int64[5]");
  EXPECT_EQ(typeOfResult(vector + R"(m = Mul(n, n) a = Unsqueeze(m, first)
                                      y = ConstantOfShape(a) })"),
            "float[25]");
  EXPECT_EQ(typeOfResult(vector + R"(a = Unsqueeze(n, first) b = Concat <axis = 0> (last, a)
                                      c = Equal(b, last) d = ConstantOfShape <value = int64[1] {3}>
                                      (e) e = Shape(b) f = Where(c, s, b) y = Expand(x, f) })"),
            "float[2,5]");
}

TEST(FixedShapes, AreNotComputedWhereArithmeticIsUnusual) {
  const std::string constants = ") => (float[?] y) <int64[1] a = {-7}, int64[1] b = {4}, "
                                "int64[2] twice = {0,0}, int64 n = {3}> {";
  EXPECT_EQ(typeOfResult(constants + "c = Mod(a, b) y = ConstantOfShape(c) }"), "float[1]");
  EXPECT_EQ(typeOfResult(constants + "c = Mod <fmod = 1> (a, b) y = ConstantOfShape(c) }"),
            "float[?]");
  EXPECT_EQ(typeOfResult(constants + "c = Unsqueeze(n, twice) d = Squeeze(c) e = Range(d, n, n) "
                                     "y = ConstantOfShape(e) }"),
            "float[?]")
      << "an axis named twice";
}

TEST(FixedShapes, OfPaddingAsTorchScriptWritesIt) {
  EXPECT_EQ(typeOfResult(R"() => (float[?,?] y) <int64[4] p = {1,2,0,0}, int64[2] m = {-1,2},
      int64[1] start = {-1}, int64[1] end = {-9223372036854775807}, int64[1] axis = {0},
      int64[1] flat = {-1}> {
        a = Reshape(p, m) b = Slice(a, start, end, axis, start) c = Transpose(b)
        d = Reshape(c, flat) e = Cast <to = 7> (d) y = Pad(x, e) })"),
            "float[2,8]");
}

TEST(FixedShapes, OfOtherOperatorsAreThoseStated) {
  EXPECT_EQ(typeOfResult(") => (float[S,3] y) { y = local.Foo(x) }"), "float[5,3]");
  EXPECT_EQ(typeOfResult(") => (float[Z,3] y) { y = local.Foo(x) }"), "float[?,3]");
}

TEST(FixedShapes, OfBranches) {
  const std::string branches = R"(<then_branch = a () => (float[?,?] p) { p = Transpose(x) },
                                   else_branch = b () => (float[?,?] p) { p = Relu(x) }> })";
  EXPECT_EQ(typeOfResult(", bool c) => (float[?,?] y) { y = If (c)" + branches), "float[5,2]");
  EXPECT_EQ(typeOfResult(") => (float[?,?] y) <int64 n = {3}> { m = Size(x) c = Equal(m, n) "
                         "y = If (c)" +
                         branches),
            "float[2,5]");
}

TEST(FixedShapes, OfLoopsAndScans) {
  EXPECT_EQ(typeOfResult(R"() => (float[?,?,?] y) <int64 n = {3}> {
      z, y = Loop (n, "", x) <body = l (int64 i, bool c, float[?,?] v)
        => (bool d, float[?,?] w, float[?,?] u) { d = Identity(c) w = Relu(v) u = Transpose(v) }>
      })"),
            "float[3,5,2]");
  EXPECT_EQ(typeOfResult(R"() => (float[?,?] y) <float state = {0}> {
      z, y = Scan <num_scan_inputs = 1, scan_input_axes = [1],
        body = l (float v, float[?] e) => (float w, float[?] u) { w = Relu(v) u = Relu(e) }>
      (state, x) })"),
            "float[5,2]");
}

TEST(FixedShapes, OfScansWithABatch) {
  constexpr int Opset = 8;
  EXPECT_EQ(
      typeOfResult(R"() => (float[?,?,?] y) <float[2] states = {0,0}, int64[3] shape = {2,5,1}> {
      s = Reshape(x, shape) z, y = Scan <num_scan_inputs = 1,
        body = l (float v, float[?] e) => (float w, float[?] u) { w = Relu(v) u = Relu(e) }>
      ("", states, s) })",
                   Opset),
      "float[2,5,1]");
}

TEST(FixedShapes, OfGraphsThatTheLibraryLooksInto) {
  EXPECT_EQ(typeOfResult(R"() => (float[?,?] y) <int64 zero = {0}> {
      s = SequenceConstruct(x)
      t = SequenceMap <body = b (float[?,?] a) => (float[?,?] c) { c = Concat <axis = 1> (a, x) }>
          (s)
      y = SequenceAt(t, zero) })"),
            "float[2,10]")
      << "x is captured";
}

TEST(FixedShapes, OfOperatorsThatOnnxRuntimeHasInOnnxsDomain) {
  EXPECT_EQ(typeOfResult(") => (float[?,?] y) <float[5] w = {1,1,1,1,1}> "
                         "{ y = SimplifiedLayerNormalization(x, w) }"),
            "float[2,5]");
}

TEST(FixedShapes, TakeNoTimeForLengthsThatAModelClaims) {
  EXPECT_EQ(typeOfResult(", int64[1000000000000] v) => (float[?] y) "
                         "{ a = Add(v, v) y = ConstantOfShape(a) }"),
            "float[?]");
}

TEST(FixedShapes, SurviveHostileArithmetic) {
  for (const char *nodes :
       {"a = Range(zero, huge, one) y = ConstantOfShape(a)", "a = Div(one, zero) y = Reshape(x, a)",
        "a = Mul(huge, huge) b = Unsqueeze(a, first) y = ConstantOfShape(b)",
        "a = Neg(least) b = Unsqueeze(a, first) y = ConstantOfShape(b)",
        "a = Gather(first, huge) b = Unsqueeze(a, first) y = ConstantOfShape(b)",
        "a = Slice(first, first, first, huge) y = ConstantOfShape(a)",
        "a = Squeeze(first, huge) b = Unsqueeze(a, first) y = ConstantOfShape(b)",
        "a = Unsqueeze(first, hugeaxis) y = ConstantOfShape(a)",
        "a = Expand(one, hugeaxis) y = ConstantOfShape(a)",
        "a = Mod(least, zero) b = Unsqueeze(a, first) y = ConstantOfShape(b)"})
    EXPECT_THAT(typeOfResult(std::string(") => (float[?] y) <int64 zero = {0}, int64 one = {1}, "
                                         "int64[1] first = {0}, int64 huge = "
                                         "{9223372036854775807}, int64[1] hugeaxis = "
                                         "{9223372036854775807}, "
                                         "int64 least = {-9223372036854775808}> {") +
                             nodes + "}"),
                testing::StartsWith("float"))
        << nodes;
}

} // namespace
} // namespace optrun::onnx

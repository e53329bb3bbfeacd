// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Ranks of results whose shape is computed.

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"

#include <gtest/gtest.h>

using namespace optrun;
using namespace optrun::test;

namespace {

/// -1 when it is unknown.
int rankOf(const ir::Component &component, llvm::StringRef value) {
  const std::optional<ir::Shape> &shape = component.graph.findValue(value)->type().shape();
  return shape ? static_cast<int>(shape->size()) : -1;
}

TEST(RankInference, TheLengthOfAShapeIsTheRank) {
  auto component = parseModel(R"(<ir_version: 10, opset_import: ["" : 21]>
    g (float[a, b, 4] x, int64[2] s2, int64[3] s3, int64[n] s) => (float[m] y)
    <int64[1] axis = {0}> {
      reshaped = Reshape(x, s2)
      further = Relu(reshaped)
      shape = Shape(further)
      more = Concat<axis = 0>(shape, axis)
      again = Reshape(further, more)
      expanded = Expand(reshaped, s3)
      zeros = ConstantOfShape(s3)
      open = Reshape(x, s)
      y = Reshape(x, axis)
    })");
  ASSERT_EQ(errorOf(optrun::onnx::inferShapes(*component)), "");
  EXPECT_EQ(rankOf(*component, "reshaped"), 2);
  EXPECT_EQ(rankOf(*component, "further"), 2);
  EXPECT_EQ(rankOf(*component, "again"), 3) << "found in a second round";
  EXPECT_EQ(rankOf(*component, "expanded"), 3);
  EXPECT_EQ(rankOf(*component, "zeros"), 3);
  EXPECT_EQ(rankOf(*component, "open"), -1);
}

std::string typeOf(const ir::Component &component, llvm::StringRef value) {
  std::string text;
  llvm::raw_string_ostream os(text);
  component.graph.findValue(value)->type().print(os);
  return text;
}

TEST(RankInference, WhatALoopCarriesKeepsWhatItsBodyKeeps) {
  auto component = parseModel(R"(<ir_version: 10, opset_import: ["" : 21]>
    g (int64 trip, float[b, 4] x, float[b, 4] z, float[b, 4] u, float[b, 4] w) => (float[n] y)
    <bool on = {1}> {
      kept, grown, open, other, all = Loop (trip, on, x, z, u, w) <body = body
        (int64 i, bool c, float[b, 4] p, float[b, k] q, float r, float s)
          => (bool c2, float[b, 4] p2, float[b, k2] q2, r2, float[1] s2, float[b, 4] each) {
        c2 = Identity(c)
        p2 = Tanh(p)
        q2 = Concat<axis = 1>(q, q)
        r2 = Tanh(r)
        s2 = Identity(s)
        each = Identity(p2)
      }>
      next, y2 = Loop (trip, on, kept) <body = second
        (int64 i, bool c, float[b, 4] p) => (bool c2, float[b, 4] p2, float[b, 4] each) {
        c2 = Identity(c)
        p2 = Tanh(p)
        each = Identity(p2)
      }>
      y = Tanh(next)
    })");
  for (llvm::StringRef name : {"r", "s"})
    for (ir::Node &node : component->graph.nodes())
      node.forEachSubgraph([&](ir::Graph &body) {
        if (ir::Value *value = body.findValue(name))
          value->setType(ir::Type::tensor(ir::DataType::Float32));
      });
  component->graph.findValue("y")->setType({});
  ASSERT_EQ(errorOf(optrun::onnx::inferShapes(*component)), "");
  EXPECT_EQ(typeOf(*component, "kept"), "float[b,4]");
  EXPECT_EQ(rankOf(*component, "grown"), 2);
  EXPECT_FALSE(component->graph.findValue("grown")->type().shape()->back().extent);
  EXPECT_EQ(rankOf(*component, "open"), -1);
  EXPECT_EQ(rankOf(*component, "other"), -1);
  EXPECT_EQ(rankOf(*component, "all"), 3);
  EXPECT_EQ(typeOf(*component, "next"), "float[b,4]") << "found in one round";
  EXPECT_EQ(typeOf(*component, "y"), "float[b,4]");
}

TEST(RankInference, BranchesAndScansHaveRanks) {
  auto component = parseModel(R"(<ir_version: 10, opset_import: ["" : 21]>
    g (bool on, float[b, 4] x, float[5, b, 4] many) => (float[b, 4] y) {
      both, first = If (on) <then_branch = t () => (p, o) { p = Tanh(x) o = Neg(x) },
                             else_branch = e () => (q, r) { q = Relu(x) r = ReduceSum(x) }>
      last, each = Scan<num_scan_inputs = 1, body = body
        (float[b, 4] state, float[b, 4] in) => (float[b, 4] state2, float[b, 4] out) {
        state2 = Add(state, in)
        out = Identity(state2)
      }>(x, many)
      y = Tanh(both)
    })");
  ASSERT_EQ(errorOf(optrun::onnx::inferShapes(*component)), "");
  EXPECT_EQ(typeOf(*component, "both"), "float[b,4]");
  EXPECT_EQ(rankOf(*component, "first"), 2) << "ReduceSum keeps it";
  EXPECT_EQ(typeOf(*component, "last"), "float[b,4]");
  EXPECT_EQ(rankOf(*component, "each"), 3);
}

} // namespace

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

} // namespace

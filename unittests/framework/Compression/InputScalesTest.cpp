// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Scales in front of products, found in graphs of several writers.

#include "optrun/Compression/InputScales.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

/// Of the weight "w" [2, 1].
std::vector<float> scalesIn(const std::string &inputs, const std::string &nodes) {
  auto component =
      parseModel("<ir_version: 10, opset_import: [\"\" : 23]> g (float[B,2] x" + inputs +
                 ") => (float[B,1] y) <float[2,1] w = {1, 2}, float[2] scale = {3, 4}, "
                 "float[2] bias = {5, 6}> {" +
                 nodes + "}");
  const Weights weights = findWeights({component.get()});
  EXPECT_EQ(weights.found.size(), 1U);
  return valueOf(squaredInputScales(weights.found.front()));
}

TEST(InputScales, AreThoseOfNormalizations) {
  for (const char *nodes :
       {"n = LayerNormalization(x, scale, bias) y = MatMul(n, w)",
        "n = RMSNormalization(x, scale) y = MatMul(n, w)", "n = Mul(x, scale) y = MatMul(n, w)",
        "m = Mul(scale, x) n = Add(m, bias) y = Gemm(n, w)",
        R"(half = Cast<to = 10>(scale) s = Cast<to = 1>(half) m = Mul(x, s)
           shape = Constant<value_ints = [-1, 2]>() n = Reshape(m, shape) y = MatMul(n, w))"})
    EXPECT_THAT(scalesIn("", nodes), ElementsAre(9, 16)) << nodes;
}

TEST(InputScales, AddUpOverProducts) {
  EXPECT_THAT(scalesIn("", "n = Mul(x, scale) m = Mul(x, bias) a = MatMul(n, w) b = MatMul(m, w) "
                           "y = Add(a, b)"),
              ElementsAre(9 + 25, 16 + 36));
}

TEST(InputScales, AreNoneWhereAProductHasNone) {
  for (const char *nodes : {"y = MatMul(x, w)", "n = Relu(x) y = MatMul(n, w)",
                            "n = Add(x, bias) y = MatMul(n, w)", "n = Mul(x, x) y = MatMul(n, w)",
                            "n = Mul(x, scale) a = MatMul(n, w) b = MatMul(x, w) y = Add(a, b)"})
    EXPECT_THAT(scalesIn("", nodes), IsEmpty()) << nodes;
  EXPECT_THAT(scalesIn(", float[2] s", "n = Mul(x, s) y = MatMul(n, w)"), IsEmpty());
}

} // namespace

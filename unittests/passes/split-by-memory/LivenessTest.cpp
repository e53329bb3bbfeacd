// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// How many bytes are alive while parts run.

#include "Liveness.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

#include "optrun/Onnx/Checks.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

/// Peaks of the parts that \p partOf assigns the nodes to. Floats: 4 bytes an element.
std::vector<uint64_t> peaks(const std::string &graph, std::vector<uint32_t> partOf) {
  auto component = parseModel("<ir_version: 10, opset_import: [\"\" : 21]> " + graph);
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  const Dataflow flow = valueOf(Dataflow::build(component->graph));
  const GraphCost cost = valueOf(estimateGraphCost(*component, flow, {}));
  Partition partition;
  partition.parts = *std::max_element(partOf.begin(), partOf.end()) + 1;
  partition.partOf = std::move(partOf);
  return peakActivations(*component, flow, partition, cost);
}

TEST(Liveness, CountsOperandsAndResultsOfTheNodeThatRuns) {
  // 8 + 8, then 8 + 4.
  EXPECT_THAT(peaks(R"(g (float[2] x) => (float[1] z) {
                         y = Neg(x)
                         z = ReduceSum<keepdims = 1>(y)
                       })",
                    {0, 1}),
              ElementsAre(16, 12));
}

TEST(Liveness, KeepsAValueUntilItsLastUser) {
  // x is alive until the third node: 8 (x) + 8 (a); 8 (x) + 8 (a) + 8 (b); 8 (x) + 8 (b) + 8 (c).
  EXPECT_THAT(peaks(R"(g (float[2] x) => (float[2] d) {
                         a = Neg(x)
                         b = Exp(a)
                         c = Add(x, b)
                         d = Abs(c)
                       })",
                    {0, 1, 2, 3}),
              ElementsAre(16, 24, 24, 16));
}

TEST(Liveness, TakesTheLargestMomentOfAPart) {
  // 8 (x) + 8 (a), 8 (a) + 32 (b), 32 (b) + 32 (c); then 32 (c) + 4 (d).
  EXPECT_THAT(peaks(R"(g (float[2] x) => (float[1] d) {
                         a = Neg(x)
                         b = Concat<axis = 0>(a, a, a, a)
                         c = Exp(b)
                         d = ReduceSum<keepdims = 1>(c)
                       })",
                    {0, 0, 0, 1}),
              ElementsAre(64, 36));
}

TEST(Liveness, GivesViewsTheMemoryOfWhatTheyShow) {
  // y shows x: 8 (x), then 8 (x) + 8 (z).
  EXPECT_THAT(peaks(R"(g (float[2] x) => (float[2, 1] z) <int64[2] shape = {2, 1}> {
                         y = Reshape(x, shape)
                         z = Neg(y)
                       })",
                    {0, 1}),
              ElementsAre(8, 16));
}

TEST(Liveness, LeavesConstantsAndCacheOut) {
  EXPECT_THAT(peaks(R"(g (float[2] x, float[2, 1, 8, 2] past_key)
                          => (float[2] y, float[2, 1, 16, 2] present_key)
                       <float[2] w = {1, 2}> {
                         twice = Add(w, w)
                         y = Mul(x, twice)
                         present_key = Concat<axis = 2>(past_key, past_key)
                       })",
                    {0, 0, 1}),
              ElementsAre(16, 0));
}

TEST(Liveness, LeavesViewsOfConstantsAndCacheOut) {
  EXPECT_THAT(peaks(R"(g (float[2, 1, 8, 2] past_key, int64[1] shape)
                          => (float[1, 1, 1, 1] y, float[?] table)
                       <float[4] w = {1, 2, 3, 4}> {
                         shown = Identity(past_key)
                         y = ReduceSum<keepdims = 1>(shown)
                         table = Reshape(w, shape)
                       })",
                    {0, 0, 1}),
              ElementsAre(4, 8))
      << "8: the shape";
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which constants rows of nodes need. Rows are the names of nodes.

#include "optrun/Analysis/PayloadUses.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

#include <map>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

/// Rows in order of their first nodes.
PayloadUses usesIn(const std::string &text) {
  auto component = parseModel(
      R"(<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1, "local" : 1]> )" + text);
  const Dataflow flow = valueOf(Dataflow::build(component->graph));
  std::map<std::string, uint32_t> rowOfName;
  std::vector<uint32_t> rowOf;
  for (uint32_t node = 0; node < flow.size(); ++node)
    rowOf.push_back(
        flow.foldsConstants(node)
            ? NoRow
            : rowOfName.try_emplace(flow.node(node).name, rowOfName.size()).first->second);
  return findPayloadUses(*component, flow, rowOf, static_cast<uint32_t>(rowOfName.size()));
}

uint64_t sumOf(llvm::ArrayRef<uint64_t> counts, llvm::ArrayRef<uint32_t> payloads) {
  uint64_t sum = 0;
  for (uint32_t payload : payloads)
    sum += counts[payload];
  return sum;
}

TEST(PayloadUses, NameEachPayloadOnceInARow) {
  const PayloadUses uses =
      usesIn("g (float[B,2] x) => (float[B,2] y) <" + zeros("float", "w", {2, 2}) + ", " +
             zeros("float", "lost", {3}) + R"(> {
        [a] p = MatMul(x, w)
        [a] q = MatMul(p, w)
        [b] y = MatMul(q, w) })");
  EXPECT_THAT(uses.ofRow, ElementsAre(ElementsAre(0), ElementsAre(0)));
  EXPECT_THAT(uses.unused, ElementsAre(1));
  EXPECT_THAT(uses.bytes, ElementsAre(16, 12));
  EXPECT_THAT(uses.params, ElementsAre(4, 0));
}

TEST(PayloadUses, ScalesAndZeroPointsAreNoParameters) {
  const PayloadUses uses =
      usesIn("g (float[B,4] x) => (float[B,8] y) <" + zeros("int8", "q", {4, 8}) + ", " +
             zeros("float", "s", {8}) + ", " + zeros("int8", "z", {8}) + R"(> {
        w = DequantizeLinear <axis = 1> (q, s, z)
        [up] y = MatMul(x, w) })");
  EXPECT_THAT(uses.ofRow, ElementsAre(ElementsAre(0, 1, 2))) << "through what folds constants";
  EXPECT_THAT(uses.bytes, ElementsAre(32, 32, 8));
  EXPECT_THAT(uses.params, ElementsAre(32, 0, 0));
}

/// Products in integers of activations that are quantized as they come.
TEST(PayloadUses, ScalesOfIntegerProductsAreNoParameters) {
  const PayloadUses uses =
      usesIn("g (float[B,4] x) => (float[B,8] y) <" + zeros("int8", "w", {4, 8}) + ", " +
             zeros("float", "s", {8}) + R"(> {
        [up] q, qs, qz = DynamicQuantizeLinear(x)
        [up] p = MatMulInteger(q, w, qz)
        [up] f = Cast <to = 1> (p)
        [up] scale = Mul(qs, s)
        [up] y = Mul(f, scale) })");
  EXPECT_THAT(uses.bytes, ElementsAre(32, 32));
  EXPECT_THAT(uses.params, ElementsAre(32, 0));
}

TEST(PayloadUses, QuantizedBiasesAreParameters) {
  const PayloadUses uses =
      usesIn("g (float[B,8] x) => (float[B,8] y) <" + zeros("int32", "q", {8}) + ", " +
             zeros("float", "s", {8}) + R"(> {
        b = DequantizeLinear <axis = 0> (q, s)
        [up] y = Add(x, b) })");
  EXPECT_THAT(uses.params, ElementsAre(8, 0));
}

TEST(PayloadUses, PackedWeightsAreCountedUnpacked) {
  const PayloadUses uses =
      usesIn("g (float[B,20] x, int64[B] i) => (float[B,3] y, float[B,32] z) <" +
             zeros("uint8", "w", {3, 1, 16}) + ", " + zeros("float", "s", {3}) + ", " +
             zeros("uint8", "t", {6, 16}) + ", " + zeros("float", "ts", {6, 1}) + R"(> {
        [up] y = com.microsoft.MatMulNBits <K = 20, N = 3, bits = 4, block_size = 32> (x, w, s)
        [embed] z = com.microsoft.GatherBlockQuantized <bits = 4, block_size = 32> (t, i, ts) })");
  EXPECT_EQ(sumOf(uses.params, uses.ofRow[0]), 60u) << "without the padding of the last block";
  EXPECT_EQ(sumOf(uses.bytes, uses.ofRow[0]), 48u + 12);
  EXPECT_EQ(sumOf(uses.params, uses.ofRow[1]), 192u);
  EXPECT_EQ(sumOf(uses.bytes, uses.ofRow[1]), 96u + 24);
}

TEST(PayloadUses, ScalesThatAreWidenedAreNoParameters) {
  const PayloadUses uses =
      usesIn("g (float[B,32] x) => (float[B,3] y, float[3] z) <" + zeros("uint8", "w", {3, 1, 16}) +
             ", " + zeros("float16", "s", {3}) + ", " + zeros("float16", "v", {3}) + R"(> {
        f = Cast <to = 1> (s)
        [up] y = com.microsoft.MatMulNBits <K = 32, N = 3, bits = 4, block_size = 32> (x, w, f)
        [other] z = Cast <to = 1> (v) })");
  EXPECT_EQ(sumOf(uses.params, uses.ofRow[0]), 96u);
  EXPECT_EQ(sumOf(uses.bytes, uses.ofRow[0]), 48u + 6);
}

TEST(PayloadUses, NestedGraphsAndFunctionsBringTheirConstants) {
  const PayloadUses uses = usesIn("g (bool c, float[B,2] x) => (float[B,2] y) <" +
                                  zeros("float", "outer", {2, 2}) + R"(> {
    [a] h = If (c) <then_branch = t () => (float[B,2] p) <float[2,2] inner = {1,2,3,4}> {
                      p = MatMul(x, inner) },
                    else_branch = e () => (float[B,2] q) { q = MatMul(x, outer) }>
    [b] i = local.Outer(h)
    [c] y = local.Inner(i) }
    <opset_import: ["" : 21, "local" : 1], domain: "local"> Outer (a) => (b) { b = local.Inner(a) }
    <opset_import: ["" : 21], domain: "local"> Inner (a) => (b) {
      k = Constant <value = float[2,2] {1,2,3,4}> () b = MatMul(a, k) })");
  EXPECT_EQ(sumOf(uses.params, uses.ofRow[0]), 8u);
  EXPECT_EQ(sumOf(uses.params, uses.ofRow[1]), 4u);
  EXPECT_EQ(uses.ofRow[1], uses.ofRow[2]) << "one payload, whoever calls the function";
  EXPECT_THAT(uses.unused, IsEmpty());
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Rounding of half-precision values where components hand them on.

#include "HalfPrecision.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using namespace optrun::verify;
using testing::ElementsAre;

namespace {

constexpr llvm::StringLiteral Original = R"(
  <ir_version: 8, opset_import: ["" : 17]>
  g (float16[2] x, float[2] wide) => (float16[2] y, float[2] z) {
    a = Tanh(x)
    b = Sigmoid(a)
    c = Add(a, b)
    d = Exp(wide)
    y = Sqrt(a)
    z = Neg(d)
  })";

std::vector<std::unique_ptr<ir::Component>> makeChain() {
  std::vector<std::unique_ptr<ir::Component>> chain;
  chain.push_back(parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    first (float16[2] x, float[2] wide) => (float16[2] a, float[2] d) {
      a = Tanh(x)
      b = Sigmoid(a)
      d = Exp(wide)
    })"));
  chain.push_back(parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    second (float16[2] a, float[2] d) => (float16[2] y, float[2] z) {
      y = Sqrt(a)
      z = Neg(d)
    })"));
  return chain;
}

/// The operators that use a value, in order.
std::vector<std::string> usersOf(const ir::Component &component, llvm::StringRef name) {
  std::vector<std::string> users;
  for (const ir::Use &use : component.graph.findValue(name)->uses())
    users.push_back(use.user()->opType().str());
  return users;
}

TEST(HalfPrecision, FindsValuesThatCross) {
  auto cuts = findHalfPrecisionCuts(makeChain());
  ASSERT_EQ(cuts.size(), 1u) << "inputs of the model and other types do not count";
  EXPECT_EQ(cuts[0].value, "a");
  EXPECT_EQ(cuts[0].producer, 0u);
}

TEST(HalfPrecision, RoundsForOtherComponentsOnly) {
  auto original = parseModel(Original);
  auto chain = makeChain();
  ASSERT_EQ(errorOf(roundAtCuts(*original, chain, findHalfPrecisionCuts(chain))), "");
  EXPECT_EQ(errorOf(ir::verifyGraph(original->graph)), "");
  EXPECT_THAT(usersOf(*original, "a"), testing::UnorderedElementsAre("Sigmoid", "Identity"))
      << "Sigmoid is in the component that computes the value";
  EXPECT_THAT(usersOf(*original, "a/rounded for comparison"),
              testing::UnorderedElementsAre("Add", "Sqrt"));
}

TEST(HalfPrecision, SkipsWhatTheOriginalDoesNotHave) {
  auto other = parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float16[2] q) => (float16[2] r) { r = Tanh(q) })");
  auto chain = makeChain();
  EXPECT_EQ(errorOf(roundAtCuts(*other, chain, findHalfPrecisionCuts(chain))), "");
  EXPECT_EQ(other->graph.nodes().size(), 1u);
}

TEST(HalfPrecision, AllowsForTheRounding) {
  EXPECT_EQ(roundingTolerance({}), 0);
  EXPECT_EQ(roundingTolerance({{"a", 0, ir::DataType::Float16}}), 0x1p-7);
  EXPECT_EQ(roundingTolerance({{"a", 0, ir::DataType::Float16}, {"b", 0, ir::DataType::BFloat16}}),
            0x1p-4);
}

} // namespace

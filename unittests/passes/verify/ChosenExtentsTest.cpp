// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The extents at which a model is verified.

#include "ChosenExtents.h"

#include "TestSupport/TestModels.h"
#include "gtest/gtest.h"

using namespace optrun;
using namespace optrun::test;
using namespace optrun::verify;

namespace {

/// Inputs of a model that uses none of them but input_ids.
std::vector<InputDescription> inputsOf(const std::string &inputs) {
  return describeInputs(*parseModel(
      "<ir_version: 8, opset_import: [\"\" : 17]> g (" + inputs +
      ") => (float[A,B,1] y) <float[6,1] table = {0,0,0,0,0,0}> { y = Gather(table, input_ids) }"));
}

TEST(ChosenExtents, HonourFixedDimensions) {
  auto inputs =
      inputsOf("int64[1,16] input_ids, int64[1,48] attention_mask, float[1,2,32,4] past_0");
  for (const InputExtents &extents : chooseExtents(inputs, std::nullopt, 4))
    EXPECT_EQ(extents, (InputExtents{1, 16, 32}));
  inputs = inputsOf("int64[n,s] input_ids, int64[n,48] attention_mask, float[n,2,p,4] past_0");
  for (const InputExtents &extents : chooseExtents(inputs, std::nullopt, 4))
    EXPECT_EQ(extents.total(), 48);
}

TEST(ChosenExtents, HaveNoPastWithoutACache) {
  for (const InputExtents &extents :
       chooseExtents(inputsOf("int64[n,s] input_ids"), std::nullopt, 8))
    EXPECT_EQ(extents.past, 0);
}

TEST(ChosenExtents, VaryAndRepeatForTheSameCount) {
  auto inputs = inputsOf("int64[n,s] input_ids, float[n,2,p,4] past_0");
  auto sets = chooseExtents(inputs, std::nullopt, 24);
  ASSERT_EQ(sets.size(), 24u);
  EXPECT_EQ(sets.front().past, 0) << "an empty cache";
  EXPECT_NE(sets[1].past, 0);
  EXPECT_NE(sets[0].batch, sets[1].batch);
  EXPECT_EQ(sets, chooseExtents(inputs, std::nullopt, 24));
  for (const InputExtents &extents : sets) {
    EXPECT_GE(extents.batch, 1);
    EXPECT_GE(extents.sequence, 1);
  }
}

TEST(ChosenExtents, KeepPositionsInsideTheTable) {
  auto inputs = describeInputs(*parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (int64[n,s] position_ids) => (float[n,s,1] y) <float[6,1] t = {0,0,0,0,0,0}> { y = Gather(t, position_ids) })"));
  for (const InputExtents &extents : chooseExtents(inputs, std::nullopt, 16))
    EXPECT_LE(extents.total(), 6);
}

TEST(ChosenExtents, StayInsideTheModelsOwnPositions) {
  for (const InputExtents &extents :
       chooseExtents(inputsOf("int64[n,s] input_ids"), /*ownPositions=*/5, 16))
    EXPECT_LE(extents.total(), 5);
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Shapes of generated inputs.

#include "InputShapes.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using namespace optrun::verify;
using testing::ElementsAre;

namespace {

/// Inputs of a model that uses none of them but input_ids.
std::vector<InputDescription> inputsOf(const std::string &inputs) {
  return valueOf(
      describeInputs(*parseModel("<ir_version: 8, opset_import: [\"\" : 17]> g (" + inputs +
                                 ") => (float[A,B,1] y) <float[6,1] table = {0,0,0,0,0,0}> { y = "
                                 "Gather(table, input_ids) }")));
}

std::vector<std::vector<int64_t>> resolve(const std::string &inputs, const SetExtents &extents) {
  std::vector<std::vector<int64_t>> result;
  for (const ir::Tensor::Dims &dims : resolveShapes(inputsOf(inputs), extents))
    result.emplace_back(dims.begin(), dims.end());
  return result;
}

using Dims = std::vector<int64_t>;
constexpr SetExtents PaddedOnCache = {2, 5, 3};
constexpr SetExtents Prompt = {2, 5, 0};

TEST(InputShapes, FollowOptimumNames) {
  EXPECT_THAT(
      resolve("int64[batch_size,sequence_length] input_ids, "
              "int64[batch_size,\"past_sequence_length + sequence_length\"] attention_mask, "
              "float[batch_size,2,past_sequence_length,16] past_key_values_0_key",
              PaddedOnCache),
      ElementsAre(Dims{2, 5}, Dims{2, 8}, Dims{2, 2, 3, 16}));
}

TEST(InputShapes, FollowRolesWhereNamesSayNothing) {
  EXPECT_THAT(resolve("int64[s72,s70] input_ids, int64[s43,s53] attention_mask", Prompt),
              ElementsAre(Dims{2, 5}, Dims{2, 5}));
  EXPECT_THAT(resolve("int64[s0,s1] input_ids, int64[s0,\"s1 + s2\"] attention_mask, "
                      "float[s0,4,s2,16] past_0",
                      PaddedOnCache),
              ElementsAre(Dims{2, 5}, Dims{2, 8}, Dims{2, 4, 3, 16}));
  EXPECT_THAT(resolve("int64[a,b] input_ids, int64[a,c] attention_mask, float[a,4,d,16] past_0",
                      PaddedOnCache),
              ElementsAre(Dims{2, 5}, Dims{2, 8}, Dims{2, 4, 3, 16}));
}

TEST(InputShapes, AgreeWhereSymbolsAgree) {
  EXPECT_THAT(resolve("int64[n,s] input_ids, float[s,n,7] other, float[n,2,s] more", Prompt),
              ElementsAre(Dims{2, 5}, Dims{5, 2, 7}, Dims{2, 2, 5}));
}

TEST(InputShapes, KnowTheNamesOfOtherInputs) {
  EXPECT_THAT(resolve("int64[n,s] input_ids, float[encoder_sequence_length,batch] e, "
                      "float[total_sequence_length] t, float[past_length] p",
                      PaddedOnCache),
              ElementsAre(Dims{2, 5}, Dims{5, 2}, Dims{8}, Dims{3}));
}

TEST(InputShapes, HonourFixedDimensions) {
  auto inputs =
      inputsOf("int64[1,16] input_ids, int64[1,48] attention_mask, float[1,2,32,4] past_0");
  for (const SetExtents &extents : chooseExtents(inputs, 4))
    EXPECT_EQ(extents, (SetExtents{1, 16, 32}));
  inputs = inputsOf("int64[n,s] input_ids, int64[n,48] attention_mask, float[n,2,p,4] past_0");
  for (const SetExtents &extents : chooseExtents(inputs, 4))
    EXPECT_EQ(extents.total(), 48);
}

TEST(InputShapes, HaveNoPastWithoutACache) {
  for (const SetExtents &extents : chooseExtents(inputsOf("int64[n,s] input_ids"), 8))
    EXPECT_EQ(extents.past, 0);
}

TEST(InputShapes, VaryAndRepeatForTheSameCount) {
  auto inputs = inputsOf("int64[n,s] input_ids, float[n,2,p,4] past_0");
  auto sets = chooseExtents(inputs, 24);
  ASSERT_EQ(sets.size(), 24u);
  EXPECT_EQ(sets.front().past, 0) << "an empty cache";
  EXPECT_NE(sets[1].past, 0);
  EXPECT_NE(sets[0].batch, sets[1].batch);
  EXPECT_EQ(sets, chooseExtents(inputs, 24));
  for (const SetExtents &extents : sets) {
    EXPECT_GE(extents.batch, 1);
    EXPECT_GE(extents.sequence, 1);
  }
}

TEST(InputShapes, KeepPositionsInsideTheTable) {
  auto inputs = valueOf(describeInputs(*parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (int64[n,s] position_ids) => (float[n,s,1] y) <float[6,1] t = {0,0,0,0,0,0}> { y = Gather(t, position_ids) })")));
  for (const SetExtents &extents : chooseExtents(inputs, 16))
    EXPECT_LE(extents.total(), 6);
}

TEST(SetExtents, Print) {
  EXPECT_EQ((SetExtents{2, 5, 3}).print(), "batch 2, sequence 5, past 3");
  EXPECT_EQ((SetExtents{1, 8, 0}).print(), "batch 1, sequence 8");
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Shapes of generated inputs.

#include "optrun/Analysis/InputShapes.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

/// Inputs of a model that uses none of them but input_ids.
std::vector<InputDescription> inputsOf(const std::string &inputs) {
  return describeInputs(*parseModel(
      "<ir_version: 8, opset_import: [\"\" : 17]> g (" + inputs +
      ") => (float[A,B,1] y) <float[6,1] table = {0,0,0,0,0,0}> { y = Gather(table, input_ids) }"));
}

std::vector<std::vector<int64_t>> resolve(const std::string &inputs, const InputExtents &extents) {
  std::vector<std::vector<int64_t>> result;
  for (const ir::Tensor::Dims &dims :
       bindInputs(inputsOf(inputs), extents, extents.sequence).shapes)
    result.emplace_back(dims.begin(), dims.end());
  return result;
}

using Dims = std::vector<int64_t>;
constexpr InputExtents PaddedOnCache = {2, 5, 3};
constexpr InputExtents Prompt = {2, 5, 0};

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

TEST(InputShapes, FitFixedDimensions) {
  auto inputs =
      inputsOf("int64[1,16] input_ids, int64[1,48] attention_mask, float[1,2,32,4] past_0");
  EXPECT_EQ(fitExtents(inputs, {3, 1, 7}), (InputExtents{1, 16, 32}));
}

TEST(InputShapes, SayWhatNothingExplains) {
  const auto inputs = inputsOf("int64[n,s] input_ids, float[n,channels,?] pixels");
  const BoundInputs bound = bindInputs(inputs, PaddedOnCache, 1);
  EXPECT_THAT(bound.shapes[1], ElementsAre(2, 1, 1));
  EXPECT_THAT(bound.unexplained,
              ElementsAre("axis 1 of 'pixels' (channels)", "axis 2 of 'pixels'"));
  EXPECT_EQ(bound.symbols.lookup("channels"), 1);
}

TEST(InputShapes, ExplainDimensionsInsideOfTheModel) {
  const BoundInputs bound = bindInputs(inputsOf("int64[n,s] input_ids"), PaddedOnCache, 1);
  EXPECT_EQ(evaluateDimension("2*s", bound, PaddedOnCache), 10);
  EXPECT_EQ(evaluateDimension("total_sequence_length", bound, PaddedOnCache), 8);
  EXPECT_EQ(evaluateDimension("heads", bound, PaddedOnCache), std::nullopt);
}

TEST(InputExtents, TheTotalSaturates) {
  constexpr int64_t Most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ((InputExtents{1, 5, Most}.total()), Most);
}

TEST(InputExtents, Print) {
  EXPECT_EQ((InputExtents{2, 5, 3}).print(), "batch 2, sequence 5, past 3");
  EXPECT_EQ((InputExtents{1, 8, 0}).print(), "batch 1, sequence 8");
}

} // namespace

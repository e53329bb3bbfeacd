// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a model is given for a window of tokens.

#include "optrun/Tokens/TokenInputs.h"

#include "TestSupport/Errors.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

InputDescription input(const std::string &name, ir::DataType type, InputRole role,
                       std::vector<ir::Dimension> shape) {
  InputDescription description;
  description.name = name;
  description.type = type;
  description.role = role;
  description.shape = ir::Shape(shape.begin(), shape.end());
  return description;
}
ir::Dimension symbol(const char *name) { return {std::nullopt, name, ""}; }
ir::Dimension extent(int64_t value) { return {value, "", ""}; }

TokenModel decoder() {
  TokenModel model;
  const std::vector<ir::Dimension> perToken = {symbol("batch"), symbol("sequence")};
  model.tokens = "input_ids";
  model.inputs = {input("input_ids", ir::DataType::Int32, InputRole::Indices, perToken),
                  input("token_type_ids", ir::DataType::Int64, InputRole::Indices, perToken),
                  input("attention_mask", ir::DataType::Int64, InputRole::Mask,
                        {symbol("batch"), symbol("past + sequence")}),
                  input("position_ids", ir::DataType::Int64, InputRole::Positions, perToken),
                  input("use_cache_branch", ir::DataType::Bool, InputRole::UsePast, {extent(1)}),
                  input("past.0.key", ir::DataType::Float16, InputRole::Past,
                        {symbol("batch"), extent(2), symbol("past"), extent(4)})};
  return model;
}

template <typename T> std::vector<T> elementsOf(const runtime::RuntimeValue &value) {
  const auto *begin = reinterpret_cast<const T *>(value.bytes().data());
  return std::vector<T>(begin, begin + value.bytes().size() / sizeof(T));
}

TEST(TokenInputs, GiveADecoderOneRowAndAnEmptyCache) {
  ASSERT_EQ(errorOf(checkTakesWindows(decoder(), 3)), "");
  runtime::NamedValues values = valueOf(makeInputs(decoder(), {7, 8, 9}));
  EXPECT_THAT(values["input_ids"].dims(), ElementsAre(1, 3));
  EXPECT_THAT(elementsOf<int32_t>(values["input_ids"]), ElementsAre(7, 8, 9));
  EXPECT_THAT(elementsOf<int64_t>(values["token_type_ids"]), ElementsAre(0, 0, 0));
  EXPECT_THAT(elementsOf<int64_t>(values["attention_mask"]), ElementsAre(1, 1, 1));
  EXPECT_THAT(elementsOf<int64_t>(values["position_ids"]), ElementsAre(0, 1, 2));
  EXPECT_THAT(elementsOf<uint8_t>(values["use_cache_branch"]), ElementsAre(0));
  EXPECT_THAT(values["past.0.key"].dims(), ElementsAre(1, 2, 0, 4));
}

TEST(TokenInputs, MustAllBeUnderstood) {
  TokenModel model = decoder();
  model.inputs.push_back(input("pixels", ir::DataType::Float32, InputRole::Values, {extent(1)}));
  EXPECT_THAT(errorOf(checkTakesWindows(model, 3)), HasSubstr("'pixels' is none of"));
  model.inputs.back() = input("causal_mask", ir::DataType::Float32, InputRole::Mask,
                              {symbol("batch"), extent(1), symbol("sequence"), symbol("past")});
  EXPECT_THAT(errorOf(checkTakesWindows(model, 3)), HasSubstr("'causal_mask' is none of"))
      << "which tokens it hides from which is not ours to guess";
}

TEST(TokenInputs, FitOnlyWhatTheModelTakes) {
  TokenModel model = decoder();
  model.inputs[0].shape = {extent(1), extent(128)};
  EXPECT_EQ(errorOf(checkTakesWindows(model, 128)), "");
  EXPECT_THAT(errorOf(checkTakesWindows(model, 64)),
              AllOf(HasSubstr("it takes batch 1, sequence 128"),
                    HasSubstr("a window is batch 1, sequence 64")));
  model = decoder();
  model.inputs[3].rows = 16;
  EXPECT_EQ(errorOf(checkTakesWindows(model, 16)), "");
  EXPECT_THAT(errorOf(checkTakesWindows(model, 17)), HasSubstr("sequence 16"));
}

TEST(TokenInputs, AreOfTheNearestLengthThatTheModelTakes) {
  TokenModel model = decoder();
  EXPECT_EQ(nearestWindow(model, 256), 256U);
  model.positions = 16;
  EXPECT_EQ(nearestWindow(model, 256), 16U);
  EXPECT_EQ(nearestWindow(model, 8), 8U);
  EXPECT_EQ(errorOf(checkTakesWindows(model, 256)), "") << "positions are a guess";
  model.inputs[0].shape = {extent(1), extent(0)};
  EXPECT_EQ(nearestWindow(model, 256), 1U);
}

} // namespace

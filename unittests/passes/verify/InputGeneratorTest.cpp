// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Values of generated inputs.

#include "InputGenerator.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

#include <cstring>
#include <set>

using namespace optrun;
using namespace optrun::test;
using namespace optrun::verify;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

InputDescription input(const std::string &name, ir::DataType type, InputRole role,
                       const std::vector<std::string> &symbols) {
  InputDescription description;
  description.name = name;
  description.type = type;
  description.role = role;
  for (const std::string &symbol : symbols)
    description.shape.push_back({std::nullopt, symbol, ""});
  return description;
}

InputDescription indices(int64_t rows) {
  InputDescription description =
      input("input_ids", ir::DataType::Int64, InputRole::Indices, {"n", "s"});
  description.rows = rows;
  return description;
}

template <typename T> std::vector<T> elementsOf(const ir::Tensor &tensor) {
  const std::vector<uint8_t> bytes = valueOf(tensor.readAll());
  std::vector<T> result(bytes.size() / sizeof(T));
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

InputSet generate(const std::vector<InputDescription> &inputs, const InputExtents &extents,
                  uint64_t seed = 0, size_t index = 0) {
  return valueOf(generateInputs(inputs, extents, seed, index));
}

TEST(InputGenerator, SpreadsIndicesOverTheTable) {
  auto elements = elementsOf<int64_t>(*generate({indices(5)}, {4, 100, 0}).tensors[0]);
  std::set<int64_t> distinct(elements.begin(), elements.end());
  EXPECT_THAT(distinct, ElementsAre(0, 1, 2, 3, 4));
}

TEST(InputGenerator, PadsMasksOnTheLeft) {
  auto mask = input("attention_mask", ir::DataType::Int64, InputRole::Mask, {"n", "t"});
  InputSet set = generate({indices(5), mask}, {3, 4, 2});
  EXPECT_THAT(set.tensors[1]->dims(), ElementsAre(3, 6));
  EXPECT_THAT(elementsOf<int64_t>(*set.tensors[1]),
              ElementsAre(1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1));
}

TEST(InputGenerator, PadsSingleRowsInLaterSets) {
  auto mask = input("attention_mask", ir::DataType::Bool, InputRole::Mask, {"n", "t"});
  EXPECT_THAT(elementsOf<uint8_t>(*generate({indices(5), mask}, {1, 4, 0}, 0, 2).tensors[1]),
              ElementsAre(0, 0, 1, 1));
}

TEST(InputGenerator, CountsPositionsWithoutPadding) {
  auto positions = input("position_ids", ir::DataType::Int64, InputRole::Positions, {"n", "s"});
  InputSet set = generate({indices(5), positions}, {3, 4, 0});
  EXPECT_THAT(elementsOf<int64_t>(*set.tensors[1]),
              ElementsAre(0, 1, 2, 3, 0, 0, 1, 2, 0, 0, 0, 1));
  set = generate({indices(5), positions}, {2, 2, 3});
  EXPECT_THAT(elementsOf<int64_t>(*set.tensors[1]), ElementsAre(3, 4, 2, 3));
  positions.rows = 4;
  set = generate({indices(5), positions}, {2, 2, 3});
  EXPECT_THAT(elementsOf<int64_t>(*set.tensors[1]), ElementsAre(3, 3, 2, 3)) << "inside the table";
}

TEST(InputGenerator, LeavesAdditiveMasksOpen) {
  auto mask = input("mask", ir::DataType::Float32, InputRole::Mask, {"n", "h", "s", "t"});
  EXPECT_THAT(elementsOf<float>(*generate({mask}, {2, 3, 0}).tensors[0]), Each(0.0f));
}

TEST(InputGenerator, TellsWhetherThereIsAPast) {
  auto usePast = input("use_cache_branch", ir::DataType::Bool, InputRole::UsePast, {});
  EXPECT_THAT(elementsOf<uint8_t>(*generate({usePast}, {1, 1, 0}).tensors[0]), ElementsAre(0));
  EXPECT_THAT(elementsOf<uint8_t>(*generate({usePast}, {1, 1, 2}).tensors[0]), ElementsAre(1));
}

TEST(InputGenerator, MakesTheSameNumbersInEveryFloatType) {
  auto numbers = [](ir::DataType type) { return input("x", type, InputRole::Values, {"n", "s"}); };
  auto single =
      elementsOf<float>(*generate({numbers(ir::DataType::Float32)}, {2, 200, 0}).tensors[0]);
  auto wide =
      elementsOf<double>(*generate({numbers(ir::DataType::Float64)}, {2, 200, 0}).tensors[0]);
  auto half =
      elementsOf<_Float16>(*generate({numbers(ir::DataType::Float16)}, {2, 200, 0}).tensors[0]);
  auto brain =
      elementsOf<uint16_t>(*generate({numbers(ir::DataType::BFloat16)}, {2, 200, 0}).tensors[0]);
  std::set<float> distinct(single.begin(), single.end());
  EXPECT_GT(distinct.size(), 100u);
  for (size_t i = 0; i != single.size(); ++i) {
    EXPECT_LE(std::abs(single[i]), 1);
    EXPECT_EQ(wide[i], single[i]);
    EXPECT_EQ(static_cast<float>(half[i]), single[i]);
    uint32_t bits = uint32_t(brain[i]) << 16;
    float widened = 0;
    std::memcpy(&widened, &bits, sizeof bits);
    EXPECT_EQ(widened, single[i]);
  }
}

TEST(InputGenerator, IsDeterminedBySeedSetAndName) {
  auto first = input("a", ir::DataType::Float32, InputRole::Values, {"n", "s"});
  auto second = input("b", ir::DataType::Float32, InputRole::Values, {"n", "s"});
  auto values = [&](const InputDescription &description, uint64_t seed, size_t index) {
    return elementsOf<float>(*generate({description}, {2, 8, 0}, seed, index).tensors[0]);
  };
  EXPECT_EQ(values(first, 0, 0), values(first, 0, 0));
  EXPECT_NE(values(first, 0, 0), values(second, 0, 0));
  EXPECT_NE(values(first, 0, 0), values(first, 1, 0));
  EXPECT_NE(values(first, 0, 0), values(first, 0, 1));
  InputSet both = generate({second, first}, {2, 8, 0});
  EXPECT_EQ(elementsOf<float>(*both.tensors[1]), values(first, 0, 0)) << "whatever comes before";
}

TEST(InputGenerator, SaysWhatItCannotMake) {
  auto text = input("text", ir::DataType::String, InputRole::Values, {"n"});
  EXPECT_THAT(errorOf(generateInputs(text, {1, 1, 0}, 0, 0)), HasSubstr("'text' of type string"));
  auto huge = input("huge", ir::DataType::Float32, InputRole::Values, {});
  huge.shape.push_back({int64_t(1) << 40, "", ""});
  EXPECT_THAT(errorOf(generateInputs(huge, {1, 1, 0}, 0, 0)), HasSubstr("'huge' is too large"));
}

} // namespace

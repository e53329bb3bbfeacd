// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Elements as distinct values.

#include "kernels/WeightedValues.h"

#include "optrun/IR/FloatScalars.h"

#include <cmath>
#include <gmock/gmock.h>
#include <map>
#include <random>

using namespace optrun;
using namespace optrun::palettize;
using testing::ElementsAre;

namespace {

constexpr uint16_t One = 0x3C00, MinusOne = 0xBC00, MinusZero = 0x8000, Infinite = 0x7C00,
                   NotANumber = 0xFE00;

TEST(ElementSorter, MergesEqualValues) {
  ElementSorter sorter;
  const SortedElements &sorted =
      sorter.sort({One, MinusZero, MinusOne, 0, One}, ir::DataType::Float16, {});
  EXPECT_THAT(sorted.distinct.values, ElementsAre(-1, 0, 1));
  EXPECT_THAT(sorted.distinct.weights, ElementsAre(1, 2, 2));
  EXPECT_THAT(sorted.order, ElementsAre(2, 1, 3, 0, 4));
  EXPECT_THAT(sorted.ends, ElementsAre(1, 3, 5));
}

TEST(ElementSorter, SumsImportance) {
  ElementSorter sorter;
  const SortedElements &sorted =
      sorter.sort(llvm::ArrayRef<float>{2, -0.F, 2, 0}, {0.5F, 1, 0.25F, NAN});
  EXPECT_THAT(sorted.distinct.values, ElementsAre(0, 2));
  EXPECT_THAT(sorted.distinct.weights, ElementsAre(1, 0.75));
  EXPECT_THAT(sorted.distinct.counts, ElementsAre(2, 2));
}

TEST(ElementSorter, LeavesOutWhatIsNotFinite) {
  ElementSorter sorter;
  const SortedElements &sorted =
      sorter.sort({Infinite, One, NotANumber, 0}, ir::DataType::Float16, {});
  EXPECT_THAT(sorted.distinct.values, ElementsAre(0, 1));
  EXPECT_EQ(sorted.nonFinite, 2);
  std::vector<uint8_t> codes(4, 99);
  sorted.spread({5, 7}, codes);
  EXPECT_THAT(codes, ElementsAre(0, 7, 0, 5));
}

/// All patterns of a type in any order, by any way.
TEST(ElementSorter, AgreesWithHistogramAndWithFloats) {
  for (ir::DataType type : {ir::DataType::Float16, ir::DataType::BFloat16}) {
    std::vector<uint16_t> bits(0x10000);
    std::mt19937 random(1);
    for (size_t i = 0; i != bits.size(); ++i)
      bits[i] = static_cast<uint16_t>(i % 3 == 0 ? i : random());
    std::vector<float> values(bits.size()), importance(bits.size());
    for (size_t i = 0; i != bits.size(); ++i) {
      values[i] = type == ir::DataType::Float16 ? ir::toFloat(ir::Float16{bits[i]})
                                                : ir::toFloat(ir::BFloat16{bits[i]});
      importance[i] = static_cast<float>(random() % 100);
    }
    ElementSorter byBits, byValues;
    const SortedElements &sorted = byBits.sort(bits, type, importance);
    const SortedElements &wide = byValues.sort(values, importance);
    BitHistogram first(type), second(type);
    const WholeWeights weights(importance);
    const llvm::ArrayRef<uint64_t> whole = weights.values;
    first.add(llvm::ArrayRef(bits).take_front(1000), whole.take_front(1000));
    second.add(llvm::ArrayRef(bits).drop_front(1000), whole.drop_front(1000));
    first.merge(second);
    WeightedValues collected;
    EXPECT_EQ(first.collect(weights.unit, collected), sorted.nonFinite);
    EXPECT_EQ(wide.nonFinite, sorted.nonFinite);
    EXPECT_TRUE(std::is_sorted(collected.values.begin(), collected.values.end()));
    for (const WeightedValues &other : {wide.distinct, collected}) {
      EXPECT_EQ(other.values, sorted.distinct.values);
      EXPECT_EQ(other.weights, sorted.distinct.weights);
      EXPECT_EQ(other.counts, sorted.distinct.counts);
    }
    EXPECT_EQ(wide.order, sorted.order);
  }
}

TEST(CodeTable, HasTheNearestEntryOfEachPattern) {
  const CodeTable table(ir::DataType::Float16, {-1, 0.5F, 2, 2});
  std::vector<uint8_t> codes(6);
  table.encode({One, MinusOne, 0, MinusZero, 0x4400 /* 4 */, Infinite}, codes);
  EXPECT_THAT(codes, ElementsAre(1, 0, 1, 1, 2, 0));
}

} // namespace

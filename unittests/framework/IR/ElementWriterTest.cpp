// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Numbers as elements of tensors.

#include "optrun/IR/ElementWriter.h"

#include <gmock/gmock.h>

using namespace optrun::ir;
using testing::ElementsAre;

namespace {

std::vector<uint8_t> written(DataType type, const std::vector<double> &values) {
  ElementWriter writer(type, values.size());
  for (double value : values)
    writer.append(value);
  return writer.take();
}

TEST(ElementWriter, WritesWholeNumbersLittleEndian) {
  EXPECT_THAT(written(DataType::Int32, {258, -1}), ElementsAre(2, 1, 0, 0, 255, 255, 255, 255));
  EXPECT_THAT(written(DataType::Int64, {-2}), ElementsAre(254, 255, 255, 255, 255, 255, 255, 255));
  EXPECT_THAT(written(DataType::UInt16, {65535}), ElementsAre(255, 255));
  EXPECT_THAT(written(DataType::Bool, {1, 0}), ElementsAre(1, 0));
}

TEST(ElementWriter, WritesNumbersAsTheTypeHoldsThem) {
  EXPECT_THAT(written(DataType::Float32, {1.5}), ElementsAre(0, 0, 0xC0, 0x3F));
  EXPECT_THAT(written(DataType::Float64, {1}), ElementsAre(0, 0, 0, 0, 0, 0, 0xF0, 0x3F));
  EXPECT_THAT(written(DataType::Float16, {-2, 1.0 / 3}), ElementsAre(0, 0xC0, 0x55, 0x35));
  EXPECT_THAT(written(DataType::BFloat16, {1}), ElementsAre(0x80, 0x3F));
}

TEST(ElementWriter, KnowsItsTypes) {
  EXPECT_TRUE(ElementWriter::canWrite(DataType::Float16));
  EXPECT_TRUE(ElementWriter::canWrite(DataType::Bool));
  EXPECT_FALSE(ElementWriter::canWrite(DataType::String));
  EXPECT_FALSE(ElementWriter::canWrite(DataType::Int4));
}

} // namespace

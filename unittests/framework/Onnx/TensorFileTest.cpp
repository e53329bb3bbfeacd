// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Files with one tensor.

#include "optrun/Onnx/TensorFile.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <onnx/onnx_pb.h>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class TensorFileTest : public testing::Test {
protected:
  std::string write(const ::onnx::TensorProto &proto) {
    return folder.write("input_0.pb", proto.SerializeAsString());
  }

  TemporaryFolder folder;
};

TEST_F(TensorFileTest, IsRead) {
  ::onnx::TensorProto proto;
  proto.set_name("x");
  proto.set_data_type(::onnx::TensorProto::INT64);
  proto.add_dims(2);
  proto.add_int64_data(5);
  proto.add_int64_data(-1);
  ir::TensorRef tensor = valueOf(optrun::onnx::readTensorFile(write(proto)));
  EXPECT_EQ(tensor->name(), "x");
  EXPECT_EQ(tensor->dataType(), ir::DataType::Int64);
  EXPECT_THAT(tensor->dims(), ElementsAre(2));
  EXPECT_THAT(valueOf(tensor->readAll()),
              ElementsAre(5, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255));
}

TEST_F(TensorFileTest, MustBeWhole) {
  ::onnx::TensorProto proto;
  proto.set_data_type(::onnx::TensorProto::FLOAT);
  proto.add_dims(4);
  proto.set_raw_data("1234");
  EXPECT_THAT(errorOf(optrun::onnx::readTensorFile(write(proto))), HasSubstr("input_0.pb"));
  EXPECT_NE(errorOf(optrun::onnx::readTensorFile(folder.write("broken.pb", "\xff\xff\xff"))),
            "(no error)");
  EXPECT_NE(errorOf(optrun::onnx::readTensorFile(folder.path("missing.pb"))), "(no error)");
}

TEST_F(TensorFileTest, MustNotReferToOtherFiles) {
  ::onnx::TensorProto proto;
  proto.set_data_type(::onnx::TensorProto::UINT8);
  proto.add_dims(4);
  proto.set_data_location(::onnx::TensorProto::EXTERNAL);
  auto *entry = proto.add_external_data();
  entry->set_key("location");
  entry->set_value("../secret");
  EXPECT_NE(errorOf(optrun::onnx::readTensorFile(write(proto))), "(no error)");
}

} // namespace

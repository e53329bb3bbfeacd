// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Folders of given inputs.

#include "InputFiles.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <onnx/onnx_pb.h>

using namespace optrun;
using namespace optrun::test;
using namespace optrun::verify;
using testing::HasSubstr;

namespace {

class InputFilesTest : public testing::Test {
protected:
  void write(const std::string &name, int64_t element) {
    ::onnx::TensorProto proto;
    proto.set_data_type(::onnx::TensorProto::INT64);
    proto.add_int64_data(element);
    folder.write(name, proto.SerializeAsString());
  }

  static int64_t element(const ir::TensorRef &tensor) { return valueOf(tensor->readAll())[0]; }

  TemporaryFolder folder;
};

TEST_F(InputFilesTest, OneSet) {
  write("input_0.pb", 10);
  write("input_1.pb", 11);
  auto sets = valueOf(readInputs(folder.path(""), {"ids", "mask"}));
  ASSERT_EQ(sets.size(), 1u);
  ASSERT_EQ(sets[0].tensors.size(), 2u);
  EXPECT_EQ(sets[0].tensors[1]->name(), "mask");
  EXPECT_EQ(element(sets[0].tensors[1]), 11);
}

TEST_F(InputFilesTest, SetsInOrderOfTheirNumbers) {
  for (int set : {10, 2, 0})
    write("test_data_set_" + std::to_string(set) + "/input_0.pb", set);
  folder.write("README/text", "no set");
  auto sets = valueOf(readInputs(folder.path(""), {"ids"}));
  ASSERT_EQ(sets.size(), 3u);
  EXPECT_EQ(sets[2].label, "test_data_set_10");
  for (auto [index, expected] : {std::pair<size_t, int64_t>{0, 0}, {1, 2}, {2, 10}})
    EXPECT_EQ(element(sets[index].tensors[0]), expected);
}

TEST_F(InputFilesTest, MustFitTheModel) {
  EXPECT_THAT(errorOf(readInputs(folder.path(""), {"ids"})), HasSubstr("no input_0.pb"));
  write("input_0.pb", 1);
  EXPECT_THAT(errorOf(readInputs(folder.path(""), {"ids", "mask"})),
              testing::AllOf(HasSubstr("input_1.pb"), HasSubstr("'mask'")));
  write("input_1.pb", 1);
  EXPECT_THAT(errorOf(readInputs(folder.path(""), {"ids"})), HasSubstr("belongs to no input"));
}

} // namespace

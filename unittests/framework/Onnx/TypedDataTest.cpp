// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// TensorProto's typed fields become the bytes that raw_data would hold.

#include "TestSupport/TestModels.h"

#include <gmock/gmock.h>
#include <onnx/onnx_pb.h>

namespace optrun::onnx {
namespace {

using Proto = ::onnx::TensorProto;

/// The bytes that reading gives for \p tensor, or the message of the error.
struct Result {
  std::vector<uint8_t> bytes;
  std::string error;
};

Result readTensor(const Proto &tensor) {
  ::onnx::ModelProto model;
  model.set_ir_version(10);
  auto *graph = model.mutable_graph();
  *graph->add_initializer() = tensor;
  graph->mutable_initializer(0)->set_name("t");
  std::string bytes = model.SerializeAsString();
  auto component =
      readModelFromMemory({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()});
  if (!component)
    return {{}, llvm::toString(component.takeError())};
  return {llvm::cantFail((*component)->graph.findValue("t")->tensor()->readAll()), ""};
}

Proto int32Data(int type, std::vector<int64_t> dims, std::vector<int32_t> entries) {
  Proto tensor;
  tensor.set_data_type(type);
  tensor.mutable_dims()->Assign(dims.begin(), dims.end());
  tensor.mutable_int32_data()->Assign(entries.begin(), entries.end());
  return tensor;
}

using Bytes8 = std::vector<uint8_t>;

TEST(TypedData, Int32DataHoldsOneElementAnEntry) {
  EXPECT_EQ(readTensor(int32Data(Proto::INT32, {2}, {1, -2})).bytes,
            (Bytes8{1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff}));
  EXPECT_EQ(readTensor(int32Data(Proto::INT16, {2}, {1, -2})).bytes, (Bytes8{1, 0, 0xfe, 0xff}));
  EXPECT_EQ(readTensor(int32Data(Proto::UINT16, {1}, {0xfffe})).bytes, (Bytes8{0xfe, 0xff}));
  EXPECT_EQ(readTensor(int32Data(Proto::INT8, {2}, {127, -128})).bytes, (Bytes8{0x7f, 0x80}));
  EXPECT_EQ(readTensor(int32Data(Proto::UINT8, {2}, {255, 3})).bytes, (Bytes8{0xff, 3}));
  EXPECT_EQ(readTensor(int32Data(Proto::BOOL, {2}, {1, 0})).bytes, (Bytes8{1, 0}));
}

TEST(TypedData, SmallFloatsAreBitPatterns) {
  EXPECT_EQ(readTensor(int32Data(Proto::FLOAT16, {1}, {0x3c00})).bytes, (Bytes8{0, 0x3c}));
  EXPECT_EQ(readTensor(int32Data(Proto::BFLOAT16, {1}, {0xbf80})).bytes, (Bytes8{0x80, 0xbf}));
  for (int type : {Proto::FLOAT8E4M3FN, Proto::FLOAT8E4M3FNUZ, Proto::FLOAT8E5M2,
                   Proto::FLOAT8E5M2FNUZ, Proto::FLOAT8E8M0})
    EXPECT_EQ(readTensor(int32Data(type, {2}, {0x38, 0xb8})).bytes, (Bytes8{0x38, 0xb8}));
}

TEST(TypedData, TypesBelowEightBitsHoldOnePackedByteAnEntry) {
  // Three 4-bit elements: 1, -2 (0xe), 3; first element in the low bits.
  EXPECT_EQ(readTensor(int32Data(Proto::INT4, {3}, {0xe1, 0x03})).bytes, (Bytes8{0xe1, 0x03}));
  EXPECT_EQ(readTensor(int32Data(Proto::UINT4, {2}, {0x21})).bytes, (Bytes8{0x21}));
  EXPECT_EQ(readTensor(int32Data(Proto::FLOAT4E2M1, {2}, {0x21})).bytes, (Bytes8{0x21}));
  EXPECT_EQ(readTensor(int32Data(Proto::UINT2, {5}, {0xe4, 0x01})).bytes, (Bytes8{0xe4, 0x01}));
  EXPECT_EQ(readTensor(int32Data(Proto::INT2, {4}, {0xe4})).bytes, (Bytes8{0xe4}));
}

TEST(TypedData, TheTextSyntaxListsElements) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N] x) => (float[N] y) <int4[3] q = {1, -2, 3}, uint2[5] u = {0, 1, 2, 3, 1}> {
      y = Neg(x)
    }
  )");
  auto bytes = [&](const char *name) {
    return llvm::cantFail(component->graph.findValue(name)->tensor()->readAll());
  };
  EXPECT_EQ(bytes("q"), (Bytes8{0xe1, 0x03}));
  EXPECT_EQ(bytes("u"), (Bytes8{0xe4, 0x01}));
}

TEST(TypedData, SixtyFourBitFields) {
  Proto tensor;
  tensor.set_data_type(Proto::INT64);
  tensor.add_dims(1);
  tensor.add_int64_data(-2);
  EXPECT_EQ(readTensor(tensor).bytes, (Bytes8{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  tensor.Clear();
  tensor.set_data_type(Proto::UINT32);
  tensor.add_dims(1);
  tensor.add_uint64_data(0xfffffffe);
  EXPECT_EQ(readTensor(tensor).bytes, (Bytes8{0xfe, 0xff, 0xff, 0xff}));
}

TEST(TypedData, FloatsDoublesAndComplexNumbersAreRawBytesAlready) {
  Proto tensor;
  tensor.set_data_type(Proto::FLOAT);
  tensor.add_dims(1);
  tensor.add_float_data(1.0f);
  EXPECT_EQ(readTensor(tensor).bytes, (Bytes8{0, 0, 0x80, 0x3f}));
  tensor.set_data_type(Proto::COMPLEX64);
  tensor.add_float_data(-1.0f);
  EXPECT_EQ(readTensor(tensor).bytes, (Bytes8{0, 0, 0x80, 0x3f, 0, 0, 0x80, 0xbf}));
  tensor.Clear();
  tensor.set_data_type(Proto::DOUBLE);
  tensor.add_dims(1);
  tensor.add_double_data(1.0);
  EXPECT_EQ(readTensor(tensor).bytes, (Bytes8{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
}

TEST(TypedData, WhatDoesNotFitIsAnError) {
  EXPECT_THAT(readTensor(int32Data(Proto::UINT8, {1}, {300})).error,
              testing::HasSubstr("tensor 't': the number 300 in its data does not fit its type"));
  EXPECT_THAT(readTensor(int32Data(Proto::INT32, {3}, {1, 2})).error,
              testing::HasSubstr("its shape and type need 12 bytes, its data has 8"));
  EXPECT_THAT(readTensor(int32Data(Proto::FLOAT, {1}, {1})).error,
              testing::HasSubstr("stored in a field that does not fit its element type, float"));
  EXPECT_THAT(readTensor(int32Data(Proto::INT64, {1}, {1})).error,
              testing::HasSubstr("does not fit its element type, int64"));
}

} // namespace
} // namespace optrun::onnx

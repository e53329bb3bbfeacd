// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Element types, value types and tensors.

#include "optrun/IR/Tensor.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

#include "optrun/IR/Type.h"

using namespace optrun::ir;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

TEST(DataType, PacksSubByteElements) {
  EXPECT_EQ(packedByteSize(DataType::Int4, 3), 2u);
  EXPECT_EQ(packedByteSize(DataType::UInt2, 5), 2u);
  EXPECT_EQ(packedByteSize(DataType::Float4E2M1, 0), 0u);
  EXPECT_EQ(packedByteSize(DataType::Int4, UINT64_MAX), UINT64_MAX / 2 + 1);
  EXPECT_EQ(packedByteSize(DataType::Complex128, 2), 32u);
  EXPECT_EQ(packedByteSize(DataType::Float32, UINT64_MAX / 4 + 1), std::nullopt) << "overflow";
  EXPECT_EQ(packedByteSize(DataType::String, 1), std::nullopt);
}

TEST(DataType, KnowsTheOnnxCodes) {
  EXPECT_EQ(dataTypeFromCode(16), DataType::BFloat16);
  EXPECT_EQ(dataTypeName(DataType::Float64), "double");
  EXPECT_EQ(dataTypeName(DataType::Int2), "int2");
  EXPECT_EQ(dataTypeFromCode(-1), std::nullopt);
  EXPECT_EQ(dataTypeFromCode(1000), std::nullopt);
  EXPECT_EQ(bitWidth(DataType::Undefined), 0u);
}

std::string textOf(const Type &type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  type.print(os);
  return text;
}

TEST(Type, PrintsEveryKind) {
  EXPECT_EQ(textOf(Type()), "?");
  EXPECT_EQ(textOf(Type::tensor(DataType::Float32, Shape{{.symbol = "batch"}, {128}, {}})),
            "float[batch,128,?]");
  EXPECT_EQ(textOf(Type::tensor(DataType::Int64, Shape{})), "int64");
  EXPECT_EQ(textOf(Type::tensor(DataType::Int64)), "int64[]") << "of unknown rank";
  EXPECT_EQ(textOf(Type::sequence(Type::tensor(DataType::Int64, Shape{{}}))), "seq(int64[?])");
  EXPECT_EQ(textOf(Type::optional(Type::sequence(Type::tensor(DataType::Bool)))),
            "optional(seq(bool[]))");
  EXPECT_EQ(textOf(Type::map(DataType::String, Type::tensor(DataType::Float32))),
            "map(string,float[])");
  EXPECT_EQ(textOf(Type::sparseTensor(DataType::Float32, Shape{{3}})), "sparse_tensor(float[3])");
  EXPECT_EQ(textOf(Type::opaque("d", "n")), "opaque(d,n)");
}

TEST(Type, ComparesByContents) {
  Type a = Type::tensor(DataType::Float32, Shape{{3}});
  Type b = Type::tensor(DataType::Float32, Shape{{3}});
  EXPECT_EQ(a, b);
  EXPECT_NE(a, Type::tensor(DataType::Float16, Shape{{3}}));
  EXPECT_NE(a, Type::tensor(DataType::Float32));
  EXPECT_NE(Type::tensor(DataType::Float32), Type::tensor(DataType::Float32, Shape{}));
  EXPECT_NE(a, Type::sparseTensor(DataType::Float32, Shape{{3}}));
  EXPECT_EQ(Type::sequence(a), Type::sequence(b));
  EXPECT_NE(Type::sequence(a), Type::sequence(Type()));
  EXPECT_NE(Type::opaque("d", "n"), Type::opaque("d", "m"));
  b.denotation = "IMAGE";
  EXPECT_NE(a, b);
}

TEST(Type, ChangingTheShapeOfACopyLeavesTheOriginal) {
  Type original = Type::tensor(DataType::Float32, Shape{{3}});
  Type copy = original;
  copy.setShape(Shape{{5}});
  EXPECT_EQ(textOf(original), "float[3]");
  copy.setShape(std::nullopt);
  EXPECT_EQ(copy, Type::tensor(DataType::Float32));
}

TEST(Type, KnowsStaticSizes) {
  EXPECT_EQ(Type::tensor(DataType::Float32, Shape{{3}, {4}}).staticByteSize(), 48u);
  EXPECT_EQ(Type::tensor(DataType::Float32, Shape{}).staticByteSize(), 4u);
  EXPECT_EQ(Type::tensor(DataType::Float32, Shape{{3}, {}}).staticByteSize(), std::nullopt);
  EXPECT_EQ(Type::tensor(DataType::Float32).staticByteSize(), std::nullopt);
  EXPECT_EQ(Type::tensor(DataType::String, Shape{{3}}).staticByteSize(), std::nullopt);
  EXPECT_EQ(Type::tensor(DataType::Int8, Shape{{INT64_MAX}, {4}}).staticByteSize(), std::nullopt);
  EXPECT_EQ(Type::tensor(DataType::Int8, Shape{{-1}}).staticByteSize(), std::nullopt);
}

TensorSourceRef bytes(size_t count) {
  std::vector<uint8_t> data(count);
  for (size_t i = 0; i != count; ++i)
    data[i] = static_cast<uint8_t>(i);
  return makeInlineSource(std::move(data));
}

TEST(Tensor, HasAsManyBytesAsItsShapeNeeds) {
  EXPECT_EQ(valueOf(Tensor::create("w", DataType::Float32, {2, 3}, bytes(24)))->elementCount(), 6u);
  EXPECT_EQ(valueOf(Tensor::create("scalar", DataType::Float32, {}, bytes(4)))->elementCount(), 1u);
  EXPECT_EQ(valueOf(Tensor::create("none", DataType::Float32, {0, 3}, bytes(0)))->byteSize(), 0u);
  EXPECT_EQ(valueOf(Tensor::create("int4", DataType::Int4, {3}, bytes(2)))->byteSize(), 2u);
  EXPECT_EQ(errorOf(Tensor::create("w", DataType::Float32, {2, 3}, bytes(23))),
            "tensor 'w' has 23 bytes of data, but its shape and type (float) need 24");
  EXPECT_THAT(errorOf(Tensor::create("", DataType::Float32, {}, bytes(0))),
              HasSubstr("unnamed tensor has 0 bytes"));
}

TEST(Tensor, RefusesHostileShapes) {
  EXPECT_THAT(errorOf(Tensor::create("w", DataType::Int8, {2, -1}, bytes(0))),
              HasSubstr("negative dimension -1"));
  // 2^32 · 2^32 wraps to 0 elements in 64 bits.
  EXPECT_THAT(errorOf(Tensor::create("w", DataType::Int8, {1LL << 32, 1LL << 32}, bytes(0))),
              HasSubstr("more elements than"));
  EXPECT_THAT(errorOf(Tensor::create("w", DataType::Float64, {1LL << 61}, bytes(0))),
              HasSubstr("more bytes than"));
  EXPECT_EQ(valueOf(Tensor::create("w", DataType::Int8, {INT64_MAX, 0, INT64_MAX}, bytes(0)))
                ->elementCount(),
            0u)
      << "empty, however large the other dimensions are";
  EXPECT_THAT(errorOf(Tensor::create("w", DataType::Undefined, {1}, bytes(1))),
              HasSubstr("no fixed size"));
  EXPECT_THAT(errorOf(Tensor::create("w", DataType::Int8, {1}, nullptr)), HasSubstr("no data"));
}

TEST(Tensor, HoldsStrings) {
  TensorRef tensor = valueOf(Tensor::createStrings("s", {2}, {"ab", "c"}));
  EXPECT_EQ(tensor->byteSize(), 3u);
  EXPECT_THAT(tensor->strings(), ElementsAre("ab", "c"));
  EXPECT_THAT(errorOf(tensor->readAll()), HasSubstr("holds strings"));
  EXPECT_THAT(errorOf(Tensor::createStrings("s", {3}, {"a"})), HasSubstr("has 1 strings, but"));
}

TEST(Tensor, ReadsInBlocksThatCoverEverything) {
  TensorRef tensor = valueOf(Tensor::create("w", DataType::UInt8, {10}, bytes(10)));
  std::vector<size_t> sizes;
  std::vector<uint8_t> read;
  auto visit = [&](llvm::ArrayRef<uint8_t> block) {
    sizes.push_back(block.size());
    read.insert(read.end(), block.begin(), block.end());
    return llvm::Error::success();
  };
  ASSERT_EQ(errorOf(tensor->forEachBlock(4, visit)), "");
  EXPECT_THAT(sizes, ElementsAre(4, 4, 2));
  EXPECT_EQ(read, valueOf(tensor->readAll()));
  EXPECT_THAT(errorOf(tensor->forEachBlock(0, visit)), HasSubstr("blocks of 0 bytes"));

  unsigned visits = 0;
  auto stop = [&](llvm::ArrayRef<uint8_t>) {
    ++visits;
    return llvm::createStringError("stopped");
  };
  EXPECT_EQ(errorOf(tensor->forEachBlock(4, stop)), "stopped");
  EXPECT_EQ(visits, 1u);
}

TEST(Tensor, CopiesUnderAnotherNameShareThePayload) {
  TensorRef tensor = valueOf(Tensor::create("w", DataType::UInt8, {10}, bytes(10)));
  TensorRef annotated = tensor->annotated("about", {{"key", "value"}});
  TensorRef renamed = annotated->renamed("v");
  EXPECT_EQ(renamed->name(), "v");
  EXPECT_EQ(renamed->source(), tensor->source());
  EXPECT_EQ(renamed->docString, "about");
  EXPECT_EQ(tensor->docString, "");
  EXPECT_EQ(tensor->name(), "w");
}

} // namespace

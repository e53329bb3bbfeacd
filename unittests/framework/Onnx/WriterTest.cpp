// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Placement, limits and progress of writing.

#include "TestSupport/ModelDiff.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"

#include <gmock/gmock.h>

namespace optrun::onnx {
namespace {

namespace fs = std::filesystem;

/// A model with one weight of \p elements floats, 0, 1, 2, …
std::unique_ptr<ir::Component> modelWithWeight(int64_t elements) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N] x) => (float[N] y) { y = Neg(x) }
  )");
  std::vector<uint8_t> bytes(static_cast<size_t>(elements) * 4);
  for (size_t index = 0; index < bytes.size(); ++index)
    bytes[index] = static_cast<uint8_t>(index * 7 + index / 251);
  ir::Value *value = llvm::cantFail(component->graph.addValue("w"));
  component->graph.setInitializer(
      *value, llvm::cantFail(ir::Tensor::create("w", ir::DataType::Float32, {elements},
                                                ir::makeInlineSource(std::move(bytes)))));
  return component;
}

ir::TensorRef weight(const ir::Component &component) {
  return component.graph.findValue("w")->tensor();
}

TEST(Writer, ExternalTensorsPointToTheirPlace) {
  test::TemporaryFolder folder;
  auto component = modelWithWeight(64);
  auto bytes = llvm::cantFail(weight(*component)->readAll());
  folder.write("model.data", "12345678" + std::string(bytes.begin(), bytes.end()));
  WriteOptions options;
  options.external[weight(*component).get()] = {"model.data", 8, bytes.size()};
  test::writeModel(*component, folder.path("model.onnx"), options);

  EXPECT_LT(fs::file_size(folder.path("model.onnx")), bytes.size());
  EXPECT_EQ(fs::file_size(folder.path("model.onnx")),
            llvm::cantFail(serializedSize(*component, options)));
  EXPECT_TRUE(
      test::modelsEqual(test::toProto(*component), test::loadProto(folder.path("model.onnx"))));
  auto again = test::readModel(folder.path("model.onnx"));
  EXPECT_TRUE(test::modelsEqual(*component, *again));
}

TEST(Writer, PayloadsOfEverySizeAndOriginAreCopied) {
  test::TemporaryFolder folder;
  // Below and above the limits of reading inline, of buffering, of copying by range.
  for (int64_t elements : {1, 255, 256, 10000, 100000, 700000}) {
    SCOPED_TRACE(elements);
    auto component = modelWithWeight(elements);
    std::string first = folder.path("first.onnx"), second = folder.path("second.onnx");
    test::writeModel(*component, first);
    test::writeModel(*test::readModel(first), second); // now from the first file
    EXPECT_TRUE(test::modelsEqual(test::toProto(*component), test::loadProto(second)));
    fs::remove(first);
    fs::remove(second);
  }
}

TEST(Writer, DerivedPayloadsAreComputedWhileWriting) {
  test::TemporaryFolder folder;
  auto component = modelWithWeight(300000);
  auto half = llvm::cantFail(ir::makeCastSource(weight(*component)->source(), ir::DataType::Float32,
                                                ir::DataType::Float16));
  component->graph.findValue("w")->setTensor(
      llvm::cantFail(ir::Tensor::create("w", ir::DataType::Float16, {300000}, half)));
  test::writeModel(*component, folder.path("model.onnx"));
  auto again = test::readModel(folder.path("model.onnx"));
  EXPECT_EQ(weight(*again)->dataType(), ir::DataType::Float16);
  EXPECT_EQ(llvm::cantFail(weight(*again)->readAll()),
            llvm::cantFail(weight(*component)->readAll()));
}

TEST(Writer, AFileThatProtobufCannotReadIsRefused) {
  test::TemporaryFolder folder;
  auto component = modelWithWeight(4);
  // 3 GB of weights that are a hole in a file.
  folder.write("data", "");
  fs::resize_file(folder.path("data"), 3'000'000'000);
  auto file = llvm::cantFail(FileHandle::open(folder.path("data")));
  component->graph.findValue("w")->setTensor(llvm::cantFail(
      ir::Tensor::create("w", ir::DataType::UInt8, {3'000'000'000},
                         llvm::cantFail(ir::makeFileRangeSource({file, 0, 3'000'000'000})))));
  auto output = llvm::cantFail(OutputFile::create(folder.path("model.onnx")));
  llvm::Error error = writeModel(*component, output);
  ASSERT_TRUE(!!error);
  std::string message = llvm::toString(std::move(error));
  EXPECT_THAT(message, testing::HasSubstr(folder.path("model.onnx")));
  EXPECT_THAT(message, testing::HasSubstr("store the weights as external data"));
  EXPECT_EQ(output.position(), 0u);
  EXPECT_GT(llvm::cantFail(serializedSize(*component, WriteOptions())), 3'000'000'000u);
}

TEST(Writer, ProgressCountsPayloadsAndCanCancel) {
  test::TemporaryFolder folder;
  auto component = modelWithWeight(1000000);
  uint64_t last = 0;
  WriteOptions options;
  auto count = [&](uint64_t bytes) -> llvm::Error {
    EXPECT_GE(bytes, last);
    last = bytes;
    return llvm::Error::success();
  };
  options.progress = count;
  test::writeModel(*component, folder.path("model.onnx"), options);
  EXPECT_EQ(last, 4000000u);

  auto cancel = [&](uint64_t) -> llvm::Error {
    return llvm::createStringError(std::errc::operation_canceled, "interrupted");
  };
  options.progress = cancel;
  auto file = llvm::cantFail(OutputFile::create(folder.path("cancelled.onnx")));
  llvm::Error error = writeModel(*component, file, options);
  EXPECT_THAT(llvm::toString(std::move(error)), testing::HasSubstr("interrupted"));
}

TEST(Writer, ATensorWhoseFileShrankIsAnErrorThatNamesIt) {
  test::TemporaryFolder folder;
  auto component = modelWithWeight(10000);
  test::writeModel(*component, folder.path("first.onnx"));
  auto again = test::readModel(folder.path("first.onnx"));
  fs::resize_file(folder.path("first.onnx"), 1000);
  auto file = llvm::cantFail(OutputFile::create(folder.path("second.onnx")));
  llvm::Error error = writeModel(*again, file);
  EXPECT_THAT(llvm::toString(std::move(error)), testing::HasSubstr("tensor 'w'"));
}

} // namespace
} // namespace optrun::onnx

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Models over 2 GB in one file, which protobuf alone cannot read: in little memory.

#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"
#include "WireBytes.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace optrun::onnx {
namespace {

constexpr uint64_t WeightBytes = 64 << 20;
constexpr int Weights = 52; // 3.5 GB

/// Writes a model whose weights are holes, so that it takes no disk. In each weight one byte tells
/// its number.
std::string writeLargeModel(const test::TemporaryFolder &folder) {
  using namespace wire;
  std::string node = bytes(1, "x") + bytes(2, "y") + bytes(4, "Identity");
  std::string input = bytes(11, bytes(1, "x")), output = bytes(12, bytes(1, "y"));
  auto tensorHead = [](int number) {
    return integer(1, WeightBytes) + integer(2, 2) + bytes(8, "w" + std::to_string(number)) +
           tag(9, 2) + varint(WeightBytes);
  };
  uint64_t graphSize = bytes(1, node).size() + input.size() + output.size();
  for (int number = 0; number < Weights; ++number) {
    uint64_t size = tensorHead(number).size() + WeightBytes;
    graphSize += tag(5, 2).size() + varint(size).size() + size;
  }

  std::string path = folder.path("large.onnx");
  std::ofstream file(path, std::ios::binary);
  file << integer(1, 10) << tag(7, 2) << varint(graphSize) << bytes(1, node);
  for (int number = 0; number < Weights; ++number) {
    std::string head = tensorHead(number);
    file << tag(5, 2) << varint(head.size() + WeightBytes) << head << static_cast<char>(number + 1);
    file.seekp(static_cast<std::streamoff>(WeightBytes - 1), std::ios::cur);
  }
  file << input << output << bytes(8, integer(2, 21));
  return path;
}

/// The peak memory in bytes that \p work needs in a process of its own beyond that of its start; 0
/// when it fails.
template <typename Work> uint64_t peakMemory(Work work) {
  int channel[2];
  EXPECT_EQ(pipe(channel), 0);
  pid_t child = fork();
  if (child == 0) {
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    bool succeeded = work();
    getrusage(RUSAGE_SELF, &after);
    uint64_t bytes = static_cast<uint64_t>(after.ru_maxrss - before.ru_maxrss) * 1024 + 1;
    if (!succeeded)
      bytes = 0;
    _exit(write(channel[1], &bytes, sizeof(bytes)) == sizeof(bytes) ? 0 : 1);
  }
  close(channel[1]);
  uint64_t bytes = 0;
  EXPECT_EQ(read(channel[0], &bytes, sizeof(bytes)), static_cast<ssize_t>(sizeof(bytes)));
  close(channel[0]);
  int status;
  waitpid(child, &status, 0);
  return bytes;
}

TEST(LargeFile, IsReadByPosition) {
  test::TemporaryFolder folder;
  std::string path = writeLargeModel(folder);
  ASSERT_GT(std::filesystem::file_size(path), 3'000'000'000u);
  auto component = test::readModel(path);
  ASSERT_EQ(component->graph.initializers().size(), static_cast<size_t>(Weights));
  EXPECT_EQ(ir::weightBytes(*component), WeightBytes * Weights);
  for (int number : {0, 31, 32, Weights - 1}) {
    auto source = component->graph.findValue("w" + std::to_string(number))->tensor()->source();
    uint8_t first = 0;
    EXPECT_FALSE(source->read(0, first));
    EXPECT_EQ(first, number + 1);
  }
}

TEST(LargeFile, IsReadInLittleMemory) {
  test::TemporaryFolder folder;
  std::string path = writeLargeModel(folder);
  uint64_t bytes = peakMemory([&] { return !!readModel(path); });
  ASSERT_NE(bytes, 0u) << "reading failed";
  EXPECT_LT(bytes, 30u << 20);
}

TEST(LargeFile, IsSplitInPlaceByExternalData) {
  // The data file of the result is the large model itself: no byte moves.
  test::TemporaryFolder folder;
  auto component = test::readModel(writeLargeModel(folder));
  WriteOptions options;
  for (const ir::Value *value : component->graph.initializers()) {
    auto range = value->tensor()->source()->fileRange();
    ASSERT_TRUE(range.has_value());
    options.external[value->tensor().get()] = {"large.onnx", range->offset, range->length};
  }
  test::writeModel(*component, folder.path("small.onnx"), options);
  EXPECT_LT(std::filesystem::file_size(folder.path("small.onnx")), 10000u);
  auto again = test::readModel(folder.path("small.onnx"));
  EXPECT_EQ(ir::weightBytes(*again), WeightBytes * Weights);
}

TEST(LargeFile, CutOffIsRefused) {
  test::TemporaryFolder folder;
  std::string path = writeLargeModel(folder);
  std::filesystem::resize_file(path, 3'000'000'000);
  auto result = readModel(path);
  ASSERT_FALSE(!!result);
  EXPECT_THAT(llvm::toString(result.takeError()), testing::HasSubstr("claims more bytes"));
}

} // namespace
} // namespace optrun::onnx

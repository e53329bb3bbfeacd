// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Data files as planned.

#include "PayloadWriter.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <sys/stat.h>

using namespace optrun;
using namespace optrun::exporting;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

ir::TensorRef tensor(ir::TensorSourceRef source) {
  const auto size = static_cast<int64_t>(source->byteSize());
  return valueOf(ir::Tensor::create("t", ir::DataType::UInt8, {size}, std::move(source)));
}

class PayloadWriterTest : public testing::Test {
protected:
  std::string contentOf(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  llvm::Error write(const DataFile &file) {
    return writeDataFile(file, folder.path("out"), spool, [&](uint64_t bytes) {
      done += bytes;
      return llvm::Error::success();
    });
  }

  TemporaryFolder folder;
  Spool spool{folder.path("")};
  uint64_t done = 0;
};

TEST_F(PayloadWriterTest, AScratchFileBecomesTheDataFile) {
  const std::string codes(2000, 'c');
  Spool::Region region = valueOf(spool.reserve(codes.size()));
  ASSERT_EQ(errorOf(region.write(0, std::vector<uint8_t>(2000, 'c'))), "");
  DataFile file;
  file.kind = DataFile::Kind::Scratch;
  file.source = valueOf(region.source())->fileRange()->file;
  file.payloads = {{tensor(ir::makeInlineSource({'a', 'b', 'c'})), 4096}};
  ASSERT_EQ(errorOf(write(file)), "");
  const std::string expected = codes + std::string(2096, '\0') + "abc";
  EXPECT_EQ(contentOf(folder.path("out")), expected);
  EXPECT_EQ(done, 2003u);

  // Where it cannot, it is copied, into the same bytes: it is no file of this spool any more.
  std::filesystem::rename(folder.path("out"), folder.path("first"));
  ASSERT_EQ(errorOf(write(file)), "");
  EXPECT_EQ(contentOf(folder.path("out")), expected);
  EXPECT_EQ(std::filesystem::hard_link_count(folder.path("first")), 1u);
}

TEST_F(PayloadWriterTest, BuildsFromFilesAndMemory) {
  const std::string source = folder.write("source", "0123456789");
  auto handle = valueOf(FileHandle::open(source));
  DataFile file;
  file.payloads = {{tensor(valueOf(ir::makeFileRangeSource({handle, 2, 5}))), 0},
                   {tensor(ir::makeInlineSource({'a', 'b', 'c'})), 4096}};
  ASSERT_EQ(errorOf(write(file)), "");
  EXPECT_EQ(contentOf(folder.path("out")), "23456" + std::string(4091, '\0') + "abc");
  EXPECT_EQ(done, 8u);
}

TEST_F(PayloadWriterTest, CopiesAndLinks) {
  DataFile file;
  file.source = valueOf(FileHandle::open(folder.write("source", "0123456789")));
  file.kind = DataFile::Kind::Copied;
  ASSERT_EQ(errorOf(write(file)), "");
  EXPECT_EQ(contentOf(folder.path("out")), "0123456789");
  EXPECT_EQ(done, 10u);

  std::filesystem::remove(folder.path("out"));
  file.kind = DataFile::Kind::Linked;
  ASSERT_EQ(errorOf(write(file)), "");
  EXPECT_EQ(std::filesystem::hard_link_count(folder.path("source")), 2u);
}

TEST_F(PayloadWriterTest, LinksTheFileBehindASymbolicLink) {
  folder.write("blob", "0123456789");
  std::filesystem::create_symlink("blob", folder.path("source"));
  DataFile file;
  file.kind = DataFile::Kind::Linked;
  file.source = valueOf(FileHandle::open(folder.path("source")));
  ASSERT_EQ(errorOf(write(file)), "");
  EXPECT_FALSE(std::filesystem::is_symlink(folder.path("out")));
  EXPECT_EQ(std::filesystem::hard_link_count(folder.path("blob")), 2u);
}

TEST_F(PayloadWriterTest, WritesNothingInPlace) {
  DataFile file;
  file.kind = DataFile::Kind::Own;
  EXPECT_EQ(errorOf(write(file)), "");
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

TEST_F(PayloadWriterTest, LinksOnlyWhatWasRead) {
  DataFile file;
  file.kind = DataFile::Kind::Linked;
  file.source = valueOf(FileHandle::open(folder.write("source", "0123456789")));
  std::filesystem::rename(folder.path("source"), folder.path("old"));
  EXPECT_THAT(errorOf(write(file)), AllOf(HasSubstr("hard link"), HasSubstr("link: copy")));
  folder.write("source", "another");
  EXPECT_THAT(errorOf(write(file)), HasSubstr("replaced"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

TEST_F(PayloadWriterTest, StopsWhenTold) {
  DataFile file;
  file.source = valueOf(FileHandle::open(folder.write("source", "0123456789")));
  file.kind = DataFile::Kind::Copied;
  EXPECT_EQ(errorOf(writeDataFile(file, folder.path("out"), spool,
                                  [](uint64_t) { return llvm::createStringError("stop"); })),
            "stop");
  EXPECT_FALSE(std::filesystem::exists(folder.path("out"))) << "nothing half written stays";
}

TEST_F(PayloadWriterTest, NamesTheTensorThatCannotBeRead) {
  const std::string source = folder.write("source", std::string(8192, 'x'));
  DataFile file;
  file.payloads = {
      {tensor(valueOf(ir::makeFileRangeSource({valueOf(FileHandle::open(source)), 0, 8192}))), 0}};
  std::filesystem::resize_file(source, 100); // shrinks while we run
  EXPECT_THAT(errorOf(write(file)), AllOf(HasSubstr("tensor 't'"), HasSubstr("source")));
}

} // namespace

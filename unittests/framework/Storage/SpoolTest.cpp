// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The spool.

#include "optrun/Storage/Spool.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include "optrun/Storage/OutputFile.h"

#include <optional>
#include <thread>

using namespace optrun;
using namespace optrun::test;
using testing::Each;
using testing::HasSubstr;

namespace {

TEST(Spool, LeavesNoNameInItsFolder) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  Spool::Region region = valueOf(spool.reserve(5000));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
  EXPECT_EQ(region.length(), 5000u);
  EXPECT_EQ(spool.bytesReserved(), 5000u);
}

TEST(Spool, GivesWhatWasWrittenInAnyOrder) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  valueOf(spool.reserve(5000));
  for (const uint64_t before : {0, 2000}) {
    Spool::Region region = valueOf(spool.reserve(before + 6));
    ASSERT_EQ(errorOf(region.write(before + 3, {4, 5, 6})), "");
    ASSERT_EQ(errorOf(region.write(before, {1, 2, 3})), "");
    ir::TensorSourceRef source = valueOf(region.source());
    std::vector<uint8_t> bytes(6);
    ASSERT_EQ(errorOf(source->read(before, bytes)), "");
    EXPECT_THAT(bytes, testing::ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(errorOf(source->read(before + 4, bytes)), HasSubstr("cannot read 6 bytes"));
  }
}

/// A page each would be more than what they hold.
TEST(Spool, SmallRegionsTakeNoPlaceInTheFile) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  Spool::Region small = valueOf(spool.reserve(1023));
  EXPECT_EQ(spool.bytesReserved(), 0u);
  EXPECT_FALSE(valueOf(small.source())->fileRange());
  Spool::Region large = valueOf(spool.reserve(1024));
  EXPECT_EQ(spool.bytesReserved(), 1024u);
  EXPECT_TRUE(valueOf(large.source())->fileRange());
}

TEST(Spool, RegionsAreFileRangesThatCanBeCopiedAndShared) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  valueOf(spool.reserve(1025));
  const std::vector<uint8_t> content(2000, 'a');
  Spool::Region region = valueOf(spool.reserve(content.size()));
  ASSERT_EQ(errorOf(region.write(0, content)), "");
  ir::FileRange range = valueOf(region.source())->fileRange().value();
  EXPECT_EQ(range.offset % 4096, 0u) << "for reflinks";
  OutputFile file = valueOf(OutputFile::create(folder.path("out")));
  valueOf(file.appendRange(*range.file, range.offset, range.length));
  ASSERT_EQ(errorOf(file.close()), "");
  std::ifstream stream(folder.path("out"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), std::string(2000, 'a'));
}

TEST(Spool, SourcesOutliveIt) {
  TemporaryFolder folder;
  ir::TensorSourceRef source;
  {
    Spool spool(folder.path(""));
    Spool::Region region = valueOf(spool.reserve(2000));
    ASSERT_EQ(errorOf(region.write(0, std::vector<uint8_t>(2000, 7))), "");
    source = valueOf(region.source());
  }
  std::vector<uint8_t> bytes(2000);
  ASSERT_EQ(errorOf(source->read(0, bytes)), "");
  EXPECT_THAT(bytes, Each(7));
}

TEST(Spool, ThreadsReserveAndWriteSideBySide) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  constexpr size_t Threads = 4, Regions = 50;
  std::vector<ir::TensorSourceRef> sources(Threads * Regions);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread != Threads; ++thread)
    threads.emplace_back([&, thread] {
      for (size_t i = 0; i != Regions; ++i) {
        size_t index = thread * Regions + i;
        std::vector<uint8_t> bytes(1 + index * 70, static_cast<uint8_t>(index));
        Spool::Region region = valueOf(spool.reserve(bytes.size()));
        ASSERT_EQ(errorOf(region.write(0, bytes)), "");
        sources[index] = valueOf(region.source());
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  for (size_t index = 0; index != sources.size(); ++index) {
    std::vector<uint8_t> bytes(sources[index]->byteSize());
    ASSERT_EQ(bytes.size(), 1 + index * 70);
    ASSERT_EQ(errorOf(sources[index]->read(0, bytes)), "");
    ASSERT_THAT(bytes, Each(static_cast<uint8_t>(index)));
  }
}

TEST(Spool, PublishesItsFileOnce) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  const std::vector<uint8_t> content(2000, 'a');
  Spool::Region region = valueOf(spool.reserve(content.size()));
  ASSERT_EQ(errorOf(region.write(0, content)), "");
  ir::TensorSourceRef source = valueOf(region.source());
  const FileHandle &file = *source->fileRange()->file;
  EXPECT_TRUE(file.isScratch());
  folder.write("taken", "");
  EXPECT_THAT(errorOf(spool.publish(file, folder.path("taken"))), HasSubstr("taken"));
  if (!valueOf(spool.publish(file, folder.path("out"))))
    GTEST_SKIP() << "this file system has no unnamed files";
  EXPECT_EQ(std::filesystem::file_size(folder.path("out")), 2000u);
  EXPECT_FALSE(valueOf(spool.publish(file, folder.path("again"))));

  // What comes later is not in the published file.
  Spool::Region later = valueOf(spool.reserve(1024));
  ASSERT_EQ(errorOf(later.write(0, {'d'})), "");
  EXPECT_EQ(std::filesystem::file_size(folder.path("out")), 2000u);
  std::vector<uint8_t> bytes(2000);
  ASSERT_EQ(errorOf(source->read(0, bytes)), "");
  EXPECT_EQ(bytes, content);
}

TEST(Spool, DoesNotPublishToAnotherFileSystem) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  ir::TensorSourceRef source = valueOf(valueOf(spool.reserve(2000)).source());
  EXPECT_FALSE(valueOf(spool.publish(*source->fileRange()->file, "/proc/optrun-data")));
}

TEST(Spool, RefusesWritesOutsideOfTheRegion) {
  TemporaryFolder folder;
  Spool spool(folder.path(""));
  for (const uint64_t length : {2, 2000}) {
    Spool::Region region = valueOf(spool.reserve(length));
    EXPECT_THAT(errorOf(region.write(length - 1, {1, 2})), HasSubstr("cannot write 2 bytes at"));
    EXPECT_THAT(errorOf(region.write(UINT64_MAX, {1, 2})), HasSubstr("cannot write 2 bytes"));
  }
  EXPECT_EQ(valueOf(valueOf(spool.reserve(0)).source())->byteSize(), 0u);
}

TEST(Spool, NamesAnotherUnusedPathEachTime) {
  TemporaryFolder folder;
  const Spool spool(folder.path("."));
  const std::filesystem::path first = spool.unusedPath(), second = spool.unusedPath();
  EXPECT_NE(first, second);
  EXPECT_TRUE(std::filesystem::equivalent(first.parent_path(), folder.path(".")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("."))) << "it makes none";
}

TEST(Spool, SaysWhichFolderItCannotUse) {
  TemporaryFolder folder;
  EXPECT_THAT(errorOf(Spool(folder.path("none")).reserve(5000)), HasSubstr(folder.path("none")));
  Spool spool(folder.path(""));
  EXPECT_THAT(errorOf(spool.reserve(uint64_t(1) << 61)), HasSubstr("cannot reserve"));
  EXPECT_THAT(errorOf(spool.reserve(UINT64_MAX)), HasSubstr("cannot reserve"));
  EXPECT_EQ(valueOf(spool.reserve(5000)).length(), 5000u) << "later reservations go on";
}

} // namespace

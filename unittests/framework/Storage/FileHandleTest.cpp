// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading files.

#include "optrun/Storage/FileHandle.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

TEST(FileHandle, ReadsAnyRange) {
  TemporaryFolder folder;
  auto file = valueOf(FileHandle::open(folder.write("data", "0123456789")));
  EXPECT_EQ(file->size(), 10u);
  std::vector<uint8_t> bytes(3);
  ASSERT_EQ(errorOf(file->read(4, bytes)), "");
  EXPECT_THAT(bytes, ElementsAre('4', '5', '6'));
  EXPECT_EQ(errorOf(file->read(10, {})), "");
}

TEST(FileHandle, TwoHandlesOnOneFileHaveOneIdentity) {
  TemporaryFolder folder;
  std::string path = folder.write("data", "x");
  auto file = valueOf(FileHandle::open(path)), again = valueOf(FileHandle::open(path));
  auto other = valueOf(FileHandle::open(folder.write("other", "x")));
  EXPECT_TRUE(file->device() == again->device() && file->inode() == again->inode());
  EXPECT_NE(file->inode(), other->inode());
}

TEST(FileHandle, IsNotInheritedByOtherPrograms) {
  TemporaryFolder folder;
  auto file = valueOf(FileHandle::open(folder.write("data", "x")));
  EXPECT_NE(::fcntl(file->descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(FileHandle, SaysWhatAPathIsThatIsNoFile) {
  TemporaryFolder folder;
  EXPECT_THAT(errorOf(FileHandle::open(folder.path("none"))),
              AllOf(HasSubstr(folder.path("none")), HasSubstr("No such file")));
  EXPECT_EQ(errorOf(FileHandle::open(folder.path(""))),
            "'" + folder.path("") + "' is a folder, not a regular file");
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(errorOf(FileHandle::open(folder.path("pipe"))), HasSubstr("is a named pipe"))
      << "without waiting for somebody who writes to it";
  EXPECT_THAT(errorOf(FileHandle::open("/dev/null")), HasSubstr("is a device"));
}

TEST(FileHandle, NoticesThatAFileHasShrunk) {
  TemporaryFolder folder;
  std::string path = folder.write("data", "0123456789");
  auto file = valueOf(FileHandle::open(path));
  ASSERT_EQ(::truncate(path.c_str(), 6), 0);
  std::vector<uint8_t> bytes(8);
  EXPECT_EQ(errorOf(file->read(0, bytes)),
            "'" + path +
                "' ends at offset 6, before 2 more bytes that should be there; it had 10 "
                "bytes when it was opened");
}

} // namespace

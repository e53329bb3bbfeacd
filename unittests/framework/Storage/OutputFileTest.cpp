// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Writing files and copying ranges into them.

#include "optrun/Storage/OutputFile.h"

#include "SystemCallFaults.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <csignal>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::AnyOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

std::string contentOf(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Bytes that repeat nowhere near, so that a misplaced block shows.
std::string pattern(size_t size) {
  std::string bytes(size, 0);
  uint32_t state = 1;
  for (char &byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

TEST(OutputFile, ExistsOnceClosed) {
  TemporaryFolder folder;
  OutputFile file = valueOf(OutputFile::create(folder.path("out")));
  ASSERT_EQ(errorOf(file.append(llvm::StringRef("hello "))), "");
  ASSERT_EQ(errorOf(file.append(llvm::StringRef("world"))), "");
  EXPECT_EQ(file.position(), 11u);
  ASSERT_EQ(errorOf(file.close()), "");
  EXPECT_EQ(contentOf(folder.path("out")), "hello world");
  EXPECT_THAT(errorOf(file.append(llvm::StringRef("x"))), HasSubstr("cannot write"));
  EXPECT_THAT(errorOf(file.close()), HasSubstr("cannot write")) << "closed already";
  EXPECT_TRUE(std::filesystem::exists(folder.path("out")));
}

TEST(OutputFile, IsRemovedWhenGivenUp) {
  TemporaryFolder folder;
  {
    OutputFile file = valueOf(OutputFile::create(folder.path("out")));
    ASSERT_EQ(errorOf(file.append(llvm::StringRef("hello"))), "");
    OutputFile moved = std::move(file);
    EXPECT_TRUE(std::filesystem::exists(folder.path("out")));
    moved = valueOf(OutputFile::create(folder.path("other")));
    EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
}

TEST(OutputFile, RefusesToOverwrite) {
  TemporaryFolder folder;
  std::string path = folder.write("out", "precious");
  EXPECT_THAT(errorOf(OutputFile::create(path)), AllOf(HasSubstr(path), HasSubstr("File exists")));
  EXPECT_EQ(contentOf(path), "precious");
  EXPECT_THAT(errorOf(OutputFile::create(folder.path("none/out"))), HasSubstr("No such file"));
}

TEST(OutputFile, AppendsPiecesOfAnySize) {
  TemporaryFolder folder;
  std::string expected;
  OutputFile file = valueOf(OutputFile::create(folder.path("out")));
  // Around the size of the buffer, which is 256 KiB.
  for (size_t size : {1, 262143, 1, 262144, 3, 262145, 1000000, 0, 7, 100000, 100000, 100000}) {
    std::string piece = pattern(size);
    ASSERT_EQ(errorOf(file.append(llvm::StringRef(piece))), "");
    expected += piece;
    ASSERT_EQ(file.position(), expected.size());
  }
  ASSERT_EQ(errorOf(file.close()), "");
  EXPECT_EQ(contentOf(folder.path("out")), expected);
}

TEST(OutputFile, PadsWithZeros) {
  TemporaryFolder folder;
  OutputFile file = valueOf(OutputFile::create(folder.path("out")));
  ASSERT_EQ(errorOf(file.alignTo(4096)), "");
  EXPECT_EQ(file.position(), 0u);
  ASSERT_EQ(errorOf(file.append(llvm::StringRef("abc"))), "");
  ASSERT_EQ(errorOf(file.alignTo(8)), "");
  ASSERT_EQ(errorOf(file.alignTo(8)), "");
  ASSERT_EQ(errorOf(file.append(llvm::StringRef("d"))), "");
  ASSERT_EQ(errorOf(file.alignTo(1 << 20)), ""); // a hole, at the end of the file
  EXPECT_EQ(file.position(), 1u << 20);
  ASSERT_EQ(errorOf(file.close()), "");
  std::string content = contentOf(folder.path("out"));
  EXPECT_EQ(content.substr(0, 10), std::string("abc\0\0\0\0\0d\0", 10));
  EXPECT_EQ(content.size(), 1u << 20);
  EXPECT_EQ(content.find_first_not_of('\0', 9), std::string::npos);
}

struct AppendRange : testing::Test {
  /// Copies [offset, offset + length) behind a prefix and compares.
  CopyMethod check(uint64_t offset, uint64_t length, const std::string &prefix = "") {
    auto source = valueOf(FileHandle::open(sourcePath));
    std::string path = folder.path("out");
    OutputFile file = valueOf(OutputFile::create(path));
    EXPECT_EQ(errorOf(file.append(llvm::StringRef(prefix))), "");
    CopyMethod method = valueOf(file.appendRange(*source, offset, length));
    EXPECT_EQ(file.position(), prefix.size() + length);
    EXPECT_EQ(errorOf(file.append(llvm::StringRef("tail"))), "");
    EXPECT_EQ(errorOf(file.close()), "");
    EXPECT_EQ(contentOf(path), prefix + data.substr(offset, length) + "tail");
    std::filesystem::remove(path);
    return method;
  }

  TemporaryFolder folder;
  std::string data = pattern(40 << 20); // more than two of the 16 MiB pieces
  std::string sourcePath = folder.write("source", data);
};

TEST_F(AppendRange, CopiesAnyRange) {
  check(0, data.size());
  check(12345, 17 << 20, "prefix");
  check(4096, 8192);
  check(1, 1, std::string(4096, 'p'));
  check(data.size(), 0);
}

TEST_F(AppendRange, FallsBackWhereTheKernelCannotCopy) {
  for (int cause : {EXDEV, EOPNOTSUPP, EINVAL, ENOSYS}) {
    ScopedFault fault([&](llvm::StringRef call, const std::string &) {
      return call == "copy_file_range" || call == "ioctl" ? cause : 0;
    });
    EXPECT_EQ(check(12345, 3 << 20, "prefix"), CopyMethod::ReadWrite);
  }
}

TEST_F(AppendRange, ReadsAndWritesWherePagesDoNotMatch) {
  EXPECT_EQ(check(12345, 3 << 20), CopyMethod::ReadWrite);
  EXPECT_EQ(check(4096, 3 << 20, "prefix"), CopyMethod::ReadWrite);
}

TEST_F(AppendRange, AsksForSharedBlocksOnlyWhereBothSidesAreAligned) {
  unsigned before = reflinkAttempts;
  check(12345, 1 << 20);
  check(4096, 1 << 20, "odd");
  check(4096, 4095);
  EXPECT_EQ(reflinkAttempts, before);
  check(4096, 1 << 20, std::string(4096, 'p'));
  EXPECT_EQ(reflinkAttempts, before + 1);
}

TEST_F(AppendRange, ReportsProgressAndStopsWhenToldTo) {
  auto source = valueOf(FileHandle::open(sourcePath));
  OutputFile file = valueOf(OutputFile::create(folder.path("out")));
  std::vector<uint64_t> reported;
  auto note = [&](uint64_t done) {
    reported.push_back(done);
    return llvm::Error::success();
  };
  valueOf(file.appendRange(*source, 0, data.size(), note));
  EXPECT_GE(reported.size(), 3u);
  EXPECT_TRUE(std::is_sorted(reported.begin(), reported.end()));
  EXPECT_EQ(reported.back(), data.size());

  auto cancel = [](uint64_t) { return llvm::createStringError("interrupted"); };
  EXPECT_EQ(errorOf(file.appendRange(*source, 0, data.size(), cancel)), "interrupted");
  EXPECT_LE(file.position(), data.size() + (16 << 20)) << "it stops within a piece";
}

TEST_F(AppendRange, RefusesRangesPastTheEnd) {
  auto source = valueOf(FileHandle::open(sourcePath));
  OutputFile file = valueOf(OutputFile::create(folder.path("out")));
  EXPECT_THAT(errorOf(file.appendRange(*source, data.size() - 1, 2)), HasSubstr("cannot copy 2"));
  EXPECT_THAT(errorOf(file.appendRange(*source, UINT64_MAX, 2)), HasSubstr("cannot copy 2"));
}

TEST_F(AppendRange, NoticesThatTheSourceHasShrunk) {
  for (bool kernelCanCopy : {true, false}) {
    folder.write("source", data);
    auto source = valueOf(FileHandle::open(sourcePath));
    ASSERT_EQ(::truncate(sourcePath.c_str(), 5000), 0);
    ScopedFault fault([&](llvm::StringRef call, const std::string &) {
      return call == "copy_file_range" && !kernelCanCopy ? EXDEV : 0;
    });
    std::string path = folder.path("out");
    {
      OutputFile file = valueOf(OutputFile::create(path));
      EXPECT_THAT(errorOf(file.appendRange(*source, 0, 10000)),
                  AllOf(HasSubstr(sourcePath), HasSubstr("ends at offset 5000")));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST_F(AppendRange, ReportsErrorsOfTheDisk) {
  auto source = valueOf(FileHandle::open(sourcePath));
  for (int cause : {ENOSPC, EIO, EDQUOT}) {
    ScopedFault fault([&](llvm::StringRef call, const std::string &) {
      return call == "copy_file_range" ? cause : 0;
    });
    std::string path = folder.path("out");
    OutputFile file = valueOf(OutputFile::create(path));
    EXPECT_THAT(errorOf(file.appendRange(*source, 0, 100000)),
                AllOf(HasSubstr(path), HasSubstr(std::strerror(cause))));
  }
}

TEST_F(AppendRange, CopiesBetweenFileSystems) {
  struct stat here, there;
  if (::stat(folder.path("").c_str(), &here) != 0 || ::stat("/dev/shm", &there) != 0 ||
      here.st_dev == there.st_dev || ::access("/dev/shm", W_OK) != 0)
    GTEST_SKIP() << "there is no second file system";
  std::string path = "/dev/shm/optrun-test-" + std::to_string(::getpid());
  OutputFile file = valueOf(OutputFile::create(path)); // goes with the object
  auto source = valueOf(FileHandle::open(sourcePath));
  valueOf(file.appendRange(*source, 777, 20 << 20));
  EXPECT_EQ(contentOf(path), data.substr(777, 20 << 20));
}

TEST_F(AppendRange, TakesLittleMemory) {
  auto peak = [] {
    rusage usage;
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss; // KiB
  };
  auto source = valueOf(FileHandle::open(sourcePath));
  for (int cause : {0, EXDEV}) {
    ScopedFault fault([&](llvm::StringRef call, const std::string &) {
      return call == "copy_file_range" ? cause : 0;
    });
    OutputFile file = valueOf(OutputFile::create(folder.path("out")));
    long before = peak();
    valueOf(file.appendRange(*source, 0, data.size()));
    EXPECT_LT(peak() - before, 8 * 1024);
  }
}

/// Files may not grow past a limit; the call that tries fails with "File too large".
class ScopedFileSizeLimit {
public:
  explicit ScopedFileSizeLimit(rlim_t bytes) : handler(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &previous);
    rlimit limited = {bytes, previous.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~ScopedFileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &previous);
    std::signal(SIGXFSZ, handler);
  }

private:
  void (*handler)(int);
  rlimit previous;
};

TEST_F(AppendRange, SurvivesShortWritesAndReportsTheirCause) {
  auto source = valueOf(FileHandle::open(sourcePath));
  std::string path = folder.path("out");
  auto expectTooLarge = [&](std::string error) {
    EXPECT_THAT(error, AllOf(HasSubstr(path), HasSubstr("File too large")));
    EXPECT_FALSE(std::filesystem::exists(path));
  };
  ScopedFileSizeLimit limit(1 << 20);
  auto write = [&](auto body) {
    OutputFile file = valueOf(OutputFile::create(path));
    if (llvm::Error error = body(file))
      return errorOf(std::move(error));
    return errorOf(file.close());
  };
  expectTooLarge(write([&](OutputFile &file) { return file.append(llvm::StringRef(data)); }));
  expectTooLarge(
      write([&](OutputFile &file) { return file.appendRange(*source, 1, 4 << 20).takeError(); }));
  expectTooLarge(write([&](OutputFile &file) { // buffered, so it comes out at close()
    if (llvm::Error error = file.append(llvm::StringRef(data).take_front((1 << 20) - 8)))
      return error;
    return file.append(llvm::StringRef("more than eight"));
  }));
  ScopedFault fault([](llvm::StringRef call, const std::string &) {
    return call == "copy_file_range" ? EXDEV : 0;
  });
  expectTooLarge(
      write([&](OutputFile &file) { return file.appendRange(*source, 1, 4 << 20).takeError(); }));
}

TEST_F(AppendRange, ReportsAFullDisk) {
  std::string mountPoint = folder.path("small");
  std::filesystem::create_directory(mountPoint);
  pid_t child = ::fork();
  if (child == 0) {
    // A file system of 1 MiB that only this process sees.
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", mountPoint.c_str(), "tmpfs", 0, "size=1m") != 0)
      ::_exit(77);
    auto source = valueOf(FileHandle::open(sourcePath));
    auto attempt = [&](auto write) {
      std::string path = mountPoint + "/out";
      OutputFile file = valueOf(OutputFile::create(path));
      std::string error = errorOf(write(file));
      return error.find(path) != std::string::npos &&
             error.find("No space left on device") != std::string::npos;
    };
    bool copied = attempt(
        [&](OutputFile &file) { return file.appendRange(*source, 0, 4 << 20).takeError(); });
    bool written = attempt([&](OutputFile &file) { return file.append(llvm::StringRef(data)); });
    ::_exit(copied && written && std::filesystem::is_empty(mountPoint) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "may not mount a file system";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

} // namespace

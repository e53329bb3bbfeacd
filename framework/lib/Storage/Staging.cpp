// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Names and locks of staged files and folders, and removal of what dead runs left.

#include "Staging.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <chrono>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace optrun::staging {
namespace {

constexpr size_t TagLetters = 6;
/// Leaves room for prefix and tag in a name of 255 bytes.
constexpr size_t LongestStem = 200;
constexpr unsigned Attempts = 100;
/// A commit is renames only.
constexpr std::chrono::seconds LongestCommit{10};

/// The length of a tag at the start of \p text; 0 if there is none.
size_t tagLength(llvm::StringRef text) {
  size_t digits = text.take_while(llvm::isDigit).size();
  llvm::StringRef rest = text.drop_front(digits);
  if (digits == 0 || !rest.consume_front("-") || rest.size() < TagLetters ||
      !llvm::all_of(rest.take_front(TagLetters), llvm::isAlnum))
    return 0;
  return digits + 1 + TagLetters;
}

std::string stemOf(llvm::StringRef name) {
  return (Prefix + name.take_front(LongestStem) + "-").str();
}

/// Takes the lock without waiting. False while another run has it, and where the file system has no
/// locks: what cannot be known to be dead is left alone.
bool tryLock(int fd) {
  return retry([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0;
}

/// Between making and locking, another run may have taken the new name for a dead run's and removed
/// it. Then the path leads elsewhere or nowhere.
bool isStillAt(int fd, const std::string &path) {
  struct stat held, found;
  return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &found) == 0 &&
         held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

/// Whether somebody else's file is there. Whose lock and journal these are, that user's runs clean
/// up; the files themselves may be anybody's, since a run puts aside what it replaces.
bool isForeign(const std::string &path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0 && status.st_uid != ::geteuid();
}

/// True when the lock is ours or the file system knows none.
bool lockNew(int fd, const std::string &path) {
  if (!tryLock(fd) && errno == EWOULDBLOCK)
    return false;
  return isStillAt(fd, path);
}

} // namespace

std::string newTag() {
  static constexpr llvm::StringLiteral Letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::uniform_int_distribution<size_t> letter(0, Letters.size() - 1);
  std::string tag = std::to_string(::getpid()) + "-";
  for (size_t i = 0; i != TagLetters; ++i)
    tag += Letters[letter(random)];
  return tag;
}

llvm::Expected<LockedFolder> makeLockedFolder(llvm::StringRef parent, llvm::StringRef name) {
  for (unsigned attempt = 0; attempt != Attempts; ++attempt) {
    std::string path = parent.str() + "/" + stemOf(name) + newTag();
    if (::mkdir(path.c_str(), 0777) != 0) {
      if (errno == EEXIST)
        continue;
      return systemError(errno, "cannot make a folder in '" + parent + "'");
    }
    ScopedDescriptor fd(
        retry([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (fd && lockNew(fd.get(), path))
      return LockedFolder{std::move(path), std::move(fd)};
  }
  return systemError(EBUSY, "cannot make and lock a folder in '" + parent + "'");
}

void removeDeadFolders(llvm::StringRef parent, llvm::StringRef name) {
  llvm::Expected<std::vector<std::string>> entries = listFolder(parent);
  if (!entries) {
    llvm::consumeError(entries.takeError());
    return;
  }
  std::string stem = stemOf(name);
  for (llvm::StringRef entry : *entries) {
    llvm::StringRef tag = entry;
    if (!tag.consume_front(stem) || tagLength(tag) != tag.size() || tag.empty())
      continue;
    std::string path = parent.str() + "/" + entry.str();
    ScopedDescriptor fd(retry(
        [&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
    if (!fd || !isOwn(fd.get()) || !tryLock(fd.get()) || !isStillAt(fd.get(), path))
      continue;
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
}

llvm::Expected<std::pair<FileNames, ScopedDescriptor>> lockNewFiles(llvm::StringRef folder) {
  for (unsigned attempt = 0; attempt != Attempts; ++attempt) {
    FileNames names{folder.str(), newTag()};
    std::string path = names.path(names.lock());
    ScopedDescriptor fd(
        retry([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }));
    if (!fd) {
      if (errno == EEXIST)
        continue;
      return systemError(errno, "cannot write in the folder '" + folder + "'");
    }
    if (lockNew(fd.get(), path))
      return std::pair(std::move(names), std::move(fd));
  }
  return systemError(EBUSY, "cannot make and lock a file in '" + folder + "'");
}

ScopedDescriptor lockFolder(const std::string &folder) {
  ScopedDescriptor fd(
      retry([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  const auto end = std::chrono::steady_clock::now() + LongestCommit;
  while (fd && !tryLock(fd.get()) && errno == EWOULDBLOCK && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return fd;
}

void removeDeadFiles(llvm::StringRef folder) {
  llvm::Expected<std::vector<std::string>> entries = listFolder(folder);
  if (!entries) {
    llvm::consumeError(entries.takeError());
    return;
  }
  std::set<std::string> tags;
  for (llvm::StringRef entry : *entries) {
    if (!entry.consume_front(Prefix))
      continue;
    size_t length = tagLength(entry);
    if (length != 0 && length < entry.size() && llvm::StringRef(".-~").contains(entry[length]))
      tags.insert(entry.take_front(length).str());
  }
  if (tags.empty())
    return;
  const ScopedDescriptor turn = lockFolder(folder.str());
  for (const std::string &tag : tags) {
    FileNames names{folder.str(), tag};
    std::string path = names.path(names.lock());
    if (isForeign(path) || isForeign(names.path(names.journal())))
      continue;
    ScopedDescriptor fd(
        retry([&] { return ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC); }));
    // The lock goes last, so without it there is no live run; with it the lock decides.
    bool dead = fd ? tryLock(fd.get()) && isStillAt(fd.get(), path) : errno == ENOENT;
    if (dead)
      undoAndRemove(names);
  }
}

int renameNew(const std::string &from, const std::string &to) {
  int result = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  if (result == 0 || (errno != EINVAL && errno != ENOSYS))
    return result;
  // A file system without that flag: nearly the same in two steps.
  struct stat status;
  if (::lstat(to.c_str(), &status) == 0) {
    errno = EEXIST;
    return -1;
  }
  return ::rename(from.c_str(), to.c_str());
}

llvm::Expected<std::vector<std::string>> listFolder(llvm::StringRef folder) {
  std::string path = folder.str();
  DIR *stream = ::opendir(path.c_str());
  if (!stream)
    return systemError(errno, "cannot list the folder '" + folder + "'");
  std::vector<std::string> names;
  errno = 0;
  while (const dirent *entry = ::readdir(stream)) {
    llvm::StringRef name = entry->d_name;
    if (name != "." && name != "..")
      names.push_back(name.str());
    errno = 0;
  }
  int cause = errno;
  ::closedir(stream);
  if (cause != 0)
    return systemError(cause, "cannot list the folder '" + folder + "'");
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace optrun::staging

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Errors and descriptors of the operating system.

#include "SystemCall.h"

#include <sys/stat.h>
#include <unistd.h>

namespace optrun {

llvm::Error systemError(int cause, const llvm::Twine &what) {
  std::error_code code(cause, std::generic_category());
  return llvm::createStringError(code, what + ": " + code.message());
}

const char *describeFileKind(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFREG:
    return "a file";
  case S_IFDIR:
    return "a folder";
  case S_IFLNK:
    return "a symbolic link";
  case S_IFIFO:
    return "a named pipe";
  case S_IFSOCK:
    return "a socket";
  default:
    return "a device";
  }
}

bool isOwn(int fd) {
  struct stat status;
  return ::fstat(fd, &status) == 0 && status.st_uid == ::geteuid();
}

ScopedDescriptor &ScopedDescriptor::operator=(ScopedDescriptor &&other) noexcept {
  if (this != &other) {
    reset();
    fd = other.release();
  }
  return *this;
}

void ScopedDescriptor::reset() {
  if (fd >= 0)
    ::close(release());
}

} // namespace optrun

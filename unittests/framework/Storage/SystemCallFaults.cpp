// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Stand-ins for the C library's wrappers of system calls.

#include "SystemCallFaults.h"

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <fcntl.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace optrun::test {

static Fault currentFault;
unsigned kernelCopies = 0, reflinkAttempts = 0;

ScopedFault::ScopedFault(Fault fault) { currentFault = std::move(fault); }
ScopedFault::~ScopedFault() { currentFault = nullptr; }

/// True when the call is to fail; errno is set then.
static bool fails(const char *call, const std::string &path) {
  if (!currentFault)
    return false;
  int cause = currentFault(call, path);
  if (cause != 0)
    errno = cause;
  return cause != 0;
}

bool killedBeforeCall(unsigned index, const std::function<void()> &body) {
  pid_t child = ::fork();
  if (child == 0) {
    unsigned count = 0;
    ScopedFault fault([&](const char *, const std::string &) {
      if (count++ == index)
        ::kill(::getpid(), SIGKILL);
      return 0;
    });
    body();
    ::_exit(0);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child)
    throw std::runtime_error("cannot run a child process");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
    return true;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("the child process failed by itself");
  return false;
}

} // namespace optrun::test

using optrun::test::fails;

extern "C" {

int open(const char *path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
    if (fails("open", path))
      return -1;
  }
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  if (fails("pwrite", ""))
    return -1;
  return ::syscall(SYS_pwrite64, fd, bytes, count, offset);
}

ssize_t copy_file_range(int from, off64_t *fromOffset, int to, off64_t *toOffset, size_t length,
                        unsigned flags) {
  ++optrun::test::kernelCopies;
  if (fails("copy_file_range", ""))
    return -1;
  return ::syscall(SYS_copy_file_range, from, fromOffset, to, toOffset, length, flags);
}

int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  ++optrun::test::reflinkAttempts;
  if (fails("ioctl", ""))
    return -1;
  return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
}

int rename(const char *from, const char *to) noexcept {
  if (fails("rename", to))
    return -1;
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int renameat2(int fromFolder, const char *from, int toFolder, const char *to,
              unsigned flags) noexcept {
  if (fails("rename", to))
    return -1;
  return static_cast<int>(::syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
}

int unlink(const char *path) noexcept {
  if (fails("unlink", path))
    return -1;
  return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int unlinkat(int folder, const char *path, int flags) noexcept {
  if (fails("unlink", path))
    return -1;
  return static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags));
}

int mkdir(const char *path, mode_t mode) noexcept {
  if (fails("mkdir", path))
    return -1;
  return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int chmod(const char *path, mode_t mode) noexcept {
  if (fails("chmod", path))
    return -1;
  return static_cast<int>(::syscall(SYS_fchmodat, AT_FDCWD, path, mode));
}

} // extern "C"

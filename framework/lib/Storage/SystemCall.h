// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What all callers of the operating system share: interrupted calls and the text of errors.

#ifndef OPTRUN_LIB_STORAGE_SYSTEMCALL_H
#define OPTRUN_LIB_STORAGE_SYSTEMCALL_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <cerrno>
#include <sys/types.h>

namespace optrun {

/// Repeats \p call while a signal interrupts it.
template <typename Call> auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR)
    result = call();
  return result;
}

/// "\p what: No space left on device"
llvm::Error systemError(int cause, const llvm::Twine &what);

/// "a folder", "a named pipe" …, from st_mode.
const char *describeFileKind(mode_t mode);

/// Whether the open file or folder belongs to the user that the process acts for.
bool isOwn(int fd);

/// A file descriptor that is closed at the end of the scope.
class ScopedDescriptor {
public:
  explicit ScopedDescriptor(int fd = -1) : fd(fd) {}
  ScopedDescriptor(ScopedDescriptor &&other) noexcept : fd(other.release()) {}
  ScopedDescriptor &operator=(ScopedDescriptor &&other) noexcept;
  ~ScopedDescriptor() { reset(); }

  int get() const { return fd; }
  explicit operator bool() const { return fd >= 0; }
  int release() {
    int released = fd;
    fd = -1;
    return released;
  }
  void reset();

private:
  int fd;
};

} // namespace optrun

#endif // OPTRUN_LIB_STORAGE_SYSTEMCALL_H

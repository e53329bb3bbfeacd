// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Open files and reads from them.

#include "optrun/Storage/FileHandle.h"

#include "SystemCall.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optrun {

llvm::Expected<std::shared_ptr<const FileHandle>> FileHandle::open(llvm::StringRef path) {
  std::string text = path.str();
  // O_NONBLOCK: a named pipe must be an error at once, not a wait for its writer.
  int fd = retry([&] { return ::open(text.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (fd < 0)
    return systemError(errno, "cannot open '" + path + "'");
  std::shared_ptr<FileHandle> handle(new FileHandle(text, fd));
  struct stat status;
  if (::fstat(fd, &status) != 0)
    return systemError(errno, "cannot examine '" + path + "'");
  if (!S_ISREG(status.st_mode))
    return llvm::createStringError(std::errc::invalid_argument, "'%s' is %s, not a regular file",
                                   text.c_str(), describeFileKind(status.st_mode));
  handle->byteSize = static_cast<uint64_t>(status.st_size);
  handle->deviceId = status.st_dev;
  handle->inodeId = status.st_ino;
  return handle;
}

FileHandle::~FileHandle() { ::close(fd); }

llvm::Error FileHandle::read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const {
  while (!out.empty()) {
    // One call transfers less than 2 GiB.
    size_t request = std::min<size_t>(out.size(), size_t(1) << 30);
    ssize_t count =
        retry([&] { return ::pread(fd, out.data(), request, static_cast<off_t>(offset)); });
    if (count < 0)
      return systemError(errno, "cannot read '" + llvm::Twine(filePath) + "' at offset " +
                                    llvm::Twine(offset));
    if (count == 0)
      return llvm::createStringError(
          std::errc::io_error,
          "'%s' ends at offset %llu, before %zu more bytes that should be there; it had %llu bytes "
          "when it was opened",
          filePath.c_str(), static_cast<unsigned long long>(offset), out.size(),
          static_cast<unsigned long long>(size()));
    offset += static_cast<uint64_t>(count);
    out = out.drop_front(static_cast<size_t>(count));
  }
  return llvm::Error::success();
}

} // namespace optrun

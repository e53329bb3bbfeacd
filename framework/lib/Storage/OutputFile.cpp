// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Output files: buffered appends, and copies of ranges that stay in the kernel.

#include "optrun/Storage/OutputFile.h"

#include "SystemCall.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optrun {
namespace {

/// Appends smaller than this are gathered, so that a node of a graph costs no system call.
constexpr size_t BufferBytes = 256 * 1024;
/// Between two pieces a copy can be cancelled.
constexpr uint64_t PieceBytes = 16 * 1024 * 1024;
/// What is read or written at once: ext4 takes twice as long or more over the same bytes in larger
/// pieces, for which it looks for large pages.
constexpr size_t TransferBytes = 256 * 1024;
/// The kernel copies page by page: between places that differ modulo this, each in two halves.
constexpr uint64_t PageBytes = 4096;
/// Larger paddings become holes.
constexpr uint64_t LargestPadding = 64 * 1024;

} // namespace

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path) {
  std::string text = path.str();
  int fd =
      retry([&] { return ::open(text.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); });
  if (fd < 0)
    return systemError(errno, "cannot create '" + path + "'");
  return OutputFile(std::move(text), fd);
}

llvm::Expected<OutputFile> OutputFile::extend(llvm::StringRef path) {
  std::string text = path.str();
  int fd = retry([&] { return ::open(text.c_str(), O_WRONLY | O_CLOEXEC); });
  if (fd < 0)
    return systemError(errno, "cannot write '" + path + "'");
  OutputFile file(std::move(text), fd);
  const off_t end = ::lseek(fd, 0, SEEK_END);
  if (end < 0)
    return file.failure(errno);
  file.offset = static_cast<uint64_t>(end);
  return file;
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : filePath(std::move(other.filePath)), fd(std::exchange(other.fd, -1)), offset(other.offset),
      buffer(std::move(other.buffer)), reflinkRefused(other.reflinkRefused),
      kernelCopyRefused(other.kernelCopyRefused) {}

OutputFile &OutputFile::operator=(OutputFile &&other) noexcept {
  if (this == &other)
    return *this;
  abandon();
  filePath = std::move(other.filePath);
  fd = std::exchange(other.fd, -1);
  offset = other.offset;
  buffer = std::move(other.buffer);
  reflinkRefused = other.reflinkRefused;
  kernelCopyRefused = other.kernelCopyRefused;
  return *this;
}

OutputFile::~OutputFile() { abandon(); }

void OutputFile::abandon() {
  if (fd < 0)
    return;
  ::close(std::exchange(fd, -1));
  ::unlink(filePath.c_str());
}

llvm::Error OutputFile::failure(int cause) const {
  return systemError(cause, "cannot write '" + llvm::Twine(filePath) + "'");
}

llvm::Error OutputFile::writeAt(uint64_t position, llvm::ArrayRef<uint8_t> bytes) {
  while (!bytes.empty()) {
    size_t request = std::min(bytes.size(), TransferBytes);
    ssize_t count =
        retry([&] { return ::pwrite(fd, bytes.data(), request, static_cast<off_t>(position)); });
    if (count < 0)
      return failure(errno);
    if (count == 0) // not an error by POSIX, but it would never end
      return failure(EIO);
    position += static_cast<uint64_t>(count);
    bytes = bytes.drop_front(static_cast<size_t>(count));
  }
  return llvm::Error::success();
}

llvm::Error OutputFile::flush() {
  if (buffer.empty())
    return llvm::Error::success();
  llvm::Error error = writeAt(offset - buffer.size(), buffer);
  buffer.clear();
  return error;
}

llvm::Error OutputFile::append(llvm::ArrayRef<uint8_t> bytes) {
  if (fd < 0)
    return failure(EBADF);
  if (buffer.size() + bytes.size() > BufferBytes)
    if (llvm::Error error = flush())
      return error;
  if (bytes.size() > BufferBytes) {
    if (llvm::Error error = writeAt(offset, bytes))
      return error;
  } else {
    buffer.insert(buffer.end(), bytes.begin(), bytes.end());
  }
  offset += bytes.size();
  return llvm::Error::success();
}

llvm::Error OutputFile::append(llvm::StringRef text) {
  return append(llvm::ArrayRef(reinterpret_cast<const uint8_t *>(text.data()), text.size()));
}

llvm::Error OutputFile::alignTo(uint64_t alignment) {
  uint64_t excess = alignment == 0 ? 0 : offset % alignment;
  if (excess == 0)
    return llvm::Error::success();
  uint64_t padding = alignment - excess;
  if (padding <= LargestPadding) {
    static constexpr uint8_t Zeros[LargestPadding] = {};
    return append(llvm::ArrayRef(Zeros, padding));
  }
  if (fd < 0)
    return failure(EBADF);
  if (llvm::Error error = flush())
    return error;
  if (padding > static_cast<uint64_t>(INT64_MAX) - offset)
    return failure(EFBIG);
  if (retry([&] { return ::ftruncate(fd, static_cast<off_t>(offset + padding)); }) != 0)
    return failure(errno);
  offset += padding;
  return llvm::Error::success();
}

llvm::Expected<CopyMethod>
OutputFile::appendRange(const FileHandle &source, uint64_t sourceOffset, uint64_t length,
                        llvm::function_ref<llvm::Error(uint64_t)> progress) {
  if (fd < 0)
    return failure(EBADF);
  if (sourceOffset > source.size() || length > source.size() - sourceOffset)
    return llvm::createStringError(
        std::errc::result_out_of_range,
        "cannot copy %llu bytes at offset %llu of '%s', which has %llu bytes",
        static_cast<unsigned long long>(length), static_cast<unsigned long long>(sourceOffset),
        source.path().str().c_str(), static_cast<unsigned long long>(source.size()));
  if (llvm::Error error = flush())
    return error;

  uint64_t done = 0;
  CopyMethod method = CopyMethod::KernelCopy;
  if (uint64_t shared = reflink(source, sourceOffset, length)) {
    method = CopyMethod::Reflink;
    done = shared;
    offset += shared;
    if (progress)
      if (llvm::Error error = progress(done))
        return error;
  }
  const bool samePhase = sourceOffset % PageBytes == offset % PageBytes;
  std::vector<uint8_t> transfer;
  while (done < length) {
    uint64_t piece = std::min(length - done, PieceBytes);
    llvm::Expected<uint64_t> copied =
        samePhase ? kernelCopy(source, sourceOffset + done, piece) : uint64_t(0);
    if (!copied)
      return copied.takeError();
    if (*copied == 0) {
      // Up to the end of a page, so that the next write starts with one.
      piece = std::min<uint64_t>(piece, TransferBytes - offset % PageBytes);
      transfer.resize(std::min<uint64_t>(TransferBytes, length));
      llvm::MutableArrayRef<uint8_t> block(transfer.data(), piece);
      if (llvm::Error error = source.read(sourceOffset + done, block))
        return error;
      if (llvm::Error error = writeAt(offset, block))
        return error;
      *copied = piece;
      method = CopyMethod::ReadWrite;
    }
    done += *copied;
    offset += *copied;
    if (progress)
      if (llvm::Error error = progress(done))
        return error;
  }
  return method;
}

uint64_t OutputFile::reflink(const FileHandle &source, uint64_t sourceOffset, uint64_t length) {
  if (reflinkRefused)
    return 0;
  struct stat status;
  if (::fstat(fd, &status) != 0 || status.st_blksize <= 0)
    return 0;
  // Whole blocks only; the kernel says EINVAL otherwise.
  auto block = static_cast<uint64_t>(status.st_blksize);
  length -= length % block;
  if (length == 0 || sourceOffset % block != 0 || offset % block != 0)
    return 0;
  file_clone_range request = {};
  request.src_fd = source.descriptor();
  request.src_offset = sourceOffset;
  request.src_length = length;
  request.dest_offset = offset;
  if (retry([&] { return ::ioctl(fd, FICLONERANGE, &request); }) == 0)
    return length;
  // A file system that cannot, or another one: no use in asking again. Anything else (no space, an
  // immutable file) will come up again in the copy, which reports it.
  reflinkRefused = errno != EINVAL;
  return 0;
}

llvm::Expected<uint64_t> OutputFile::kernelCopy(const FileHandle &source, uint64_t sourceOffset,
                                                uint64_t length) {
  // Never sendfile: it goes through a pipe in pieces of 64 KiB. 0 means that reading and writing
  // has to do it: across file systems, on those that cannot, and for a source that has ended, where
  // reading gives the better message.
  if (kernelCopyRefused)
    return 0;
  auto from = static_cast<off64_t>(sourceOffset), to = static_cast<off64_t>(offset);
  ssize_t count =
      retry([&] { return ::copy_file_range(source.descriptor(), &from, fd, &to, length, 0); });
  if (count > 0)
    return static_cast<uint64_t>(count);
  if (count == 0 || errno == EXDEV || errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS ||
      errno == EPERM || errno == ETXTBSY) {
    kernelCopyRefused = true;
    return 0;
  }
  if (errno == EIO) // from which of the two is not known; say both
    return systemError(EIO, "cannot copy from '" + source.path() + "' to '" + filePath + "'");
  return failure(errno);
}

llvm::Error OutputFile::close() {
  if (fd < 0)
    return failure(EBADF);
  if (llvm::Error error = flush()) {
    abandon();
    return error;
  }
  // Some file systems report a full disk only here. The descriptor is gone in any case.
  if (::close(std::exchange(fd, -1)) != 0 && errno != EINTR) {
    int cause = errno;
    ::unlink(filePath.c_str());
    return failure(cause);
  }
  return llvm::Error::success();
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The spool: an unnamed file that grows by reservation.

#include "optrun/Storage/Spool.h"

#include "SystemCall.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <fcntl.h>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>

namespace optrun {
namespace {

/// Regions start on pages, so that their ranges can be reflinked and mapped.
constexpr uint64_t RegionAlignment = 4096;
/// Smaller regions are in memory.
constexpr uint64_t LeastInFile = 1024;
/// What is written at once: for larger pieces ext4 looks for large pages, which takes up to ten
/// times as long as writing does.
constexpr size_t TransferBytes = 256 * 1024;

llvm::Expected<int> openUnnamed(const std::string &folder) {
  // The mode of a file that people get; until it has a name, nobody can open it.
  int fd = retry([&] { return ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666); });
  if (fd >= 0)
    return fd;
  // Overlay and network file systems know no O_TMPFILE; old kernels say EISDIR.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
    return systemError(errno, "cannot make a scratch file in '" + folder + "'");
  std::string path = folder + "/.optrun-spool-XXXXXX";
  fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0)
    return systemError(errno, "cannot make a scratch file in '" + folder + "'");
  ::unlink(path.c_str());
  return fd;
}

} // namespace

struct Spool::State {
  std::string folder;
  std::mutex mutex;
  std::shared_ptr<const FileHandle> file;
  uint64_t reserved = 0;
};

Spool::Spool(std::string folder) : state(std::make_unique<State>()) {
  state->folder = std::move(folder);
}

Spool::~Spool() = default;

llvm::Expected<Spool::Region> Spool::reserve(uint64_t length) {
  if (length < LeastInFile) {
    Region region;
    region.memory = std::make_shared<std::vector<uint8_t>>(length);
    region.size = length;
    return region;
  }
  std::lock_guard lock(state->mutex);
  if (!state->file) {
    llvm::Expected<int> fd = openUnnamed(state->folder);
    if (!fd)
      return fd.takeError();
    std::shared_ptr<FileHandle> file(new FileHandle(state->folder + "/(scratch file)", *fd));
    struct stat status;
    if (::fstat(*fd, &status) != 0)
      return systemError(errno, "cannot examine the scratch file in '" + state->folder + "'");
    file->deviceId = status.st_dev;
    file->inodeId = status.st_ino;
    file->scratch = true;
    state->file = std::move(file);
  }

  Region region;
  region.file = state->file;
  region.fd = state->file->descriptor();
  region.base = (state->reserved + RegionAlignment - 1) / RegionAlignment * RegionAlignment;
  region.size = length;
  if (length > static_cast<uint64_t>(INT64_MAX) - region.base)
    return systemError(EFBIG, "cannot reserve " + llvm::Twine(length) + " bytes in '" +
                                  state->folder + "'");
  uint64_t end = region.base + length;
  // Asking for the blocks now turns a full disk into an error before the work. Where that cannot be
  // asked, the file only becomes longer.
  int result = retry([&] {
    return ::fallocate(region.fd, 0, static_cast<off_t>(region.base), static_cast<off_t>(length));
  });
  if (result != 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
    result = retry([&] { return ::ftruncate(region.fd, static_cast<off_t>(end)); });
  if (result != 0)
    return systemError(errno, "cannot reserve " + llvm::Twine(length) +
                                  " bytes of scratch space in '" + state->folder + "'");
  state->reserved = end;
  state->file->byteSize.store(end, std::memory_order_release);
  return region;
}

llvm::Expected<bool> Spool::publish(const FileHandle &file, llvm::StringRef path) {
  std::lock_guard lock(state->mutex);
  if (state->file.get() != &file)
    return false;
  const std::string self = "/proc/self/fd/" + std::to_string(file.descriptor());
  if (retry([&] {
        return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.str().c_str(), AT_SYMLINK_FOLLOW);
      }) != 0) {
    // ENOENT: the file had a name once, or /proc is not there.
    for (const int cannot : {EXDEV, ENOENT, EPERM, EOPNOTSUPP, EINVAL})
      if (errno == cannot)
        return false;
    return systemError(errno, "cannot create '" + path + "'");
  }
  state->file.reset();
  state->reserved = 0;
  return true;
}

std::string Spool::unusedPath() const {
  llvm::SmallString<256> path;
  llvm::sys::fs::createUniquePath(state->folder + "/.optrun-scratch-%%%%%%%%%%%%", path,
                                  /*MakeAbsolute=*/false);
  return path.str().str();
}

uint64_t Spool::bytesReserved() const {
  std::lock_guard lock(state->mutex);
  return state->reserved;
}

llvm::Error Spool::Region::write(uint64_t offset, llvm::ArrayRef<uint8_t> bytes) {
  if (offset > size || bytes.size() > size - offset)
    return llvm::createStringError(std::errc::result_out_of_range,
                                   "cannot write %zu bytes at offset %llu of a scratch region with "
                                   "%llu bytes",
                                   bytes.size(), static_cast<unsigned long long>(offset),
                                   static_cast<unsigned long long>(size));
  if (memory) {
    std::copy(bytes.begin(), bytes.end(), memory->begin() + static_cast<ptrdiff_t>(offset));
    return llvm::Error::success();
  }
  uint64_t position = base + offset;
  while (!bytes.empty()) {
    size_t request = std::min(bytes.size(), TransferBytes);
    ssize_t count =
        retry([&] { return ::pwrite(fd, bytes.data(), request, static_cast<off_t>(position)); });
    if (count <= 0)
      return systemError(count < 0 ? errno : EIO,
                         "cannot write '" + file->path() + "' at offset " + llvm::Twine(position));
    position += static_cast<uint64_t>(count);
    bytes = bytes.drop_front(static_cast<size_t>(count));
  }
  return llvm::Error::success();
}

llvm::Expected<ir::TensorSourceRef> Spool::Region::source() const {
  if (memory)
    return ir::makeInlineSource(*memory);
  return ir::makeFileRangeSource({file, base, size});
}

} // namespace optrun

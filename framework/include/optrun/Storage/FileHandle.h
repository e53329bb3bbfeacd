// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// An open, read-only file with a fixed size, shared by the tensors that lie in it.

#ifndef OPTRUN_STORAGE_FILEHANDLE_H
#define OPTRUN_STORAGE_FILEHANDLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace optrun {

/// Reads use pread, so the page cache holds the data and the process does not.
class FileHandle {
public:
  /// An error that names the path when it is missing, unreadable or not a regular file.
  static llvm::Expected<std::shared_ptr<const FileHandle>> open(llvm::StringRef path);
  ~FileHandle();
  FileHandle(const FileHandle &) = delete;
  FileHandle &operator=(const FileHandle &) = delete;

  llvm::StringRef path() const { return filePath; }
  /// Bytes, when the file was opened.
  uint64_t size() const { return byteSize.load(std::memory_order_acquire); }
  int descriptor() const { return fd; }
  uint64_t device() const { return deviceId; }
  uint64_t inode() const { return inodeId; }
  /// A spool's own file, which nobody knows by name.
  bool isScratch() const { return scratch; }

  /// Fills \p out from \p offset on; an error when the file ends before.
  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const;

private:
  friend class Spool;
  FileHandle(std::string path, int fd) : filePath(std::move(path)), fd(fd) {}
  std::string filePath;
  int fd;
  uint64_t deviceId = 0, inodeId = 0;
  bool scratch = false;
  // Only a spool's file grows while it is open.
  mutable std::atomic<uint64_t> byteSize = 0;
};

} // namespace optrun

#endif // OPTRUN_STORAGE_FILEHANDLE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writing a file so that it exists whole or not at all, and copying ranges without passing them
/// through user memory.

#ifndef OPTRUN_STORAGE_OUTPUTFILE_H
#define OPTRUN_STORAGE_OUTPUTFILE_H

#include "optrun/Storage/FileHandle.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <vector>

namespace optrun {

/// How a range reached its place; for reports and tests.
enum class CopyMethod { Reflink, KernelCopy, ReadWrite };

/// An append-only file. Removed when destroyed before close(). Errors name the path and the cause
/// ("No space left on device").
class OutputFile {
public:
  /// Creates \p path; an error when it exists.
  static llvm::Expected<OutputFile> create(llvm::StringRef path);
  /// Goes on behind what the file at \p path holds.
  static llvm::Expected<OutputFile> extend(llvm::StringRef path);
  OutputFile(OutputFile &&) noexcept;
  OutputFile &operator=(OutputFile &&) noexcept;
  ~OutputFile();

  llvm::StringRef path() const { return filePath; }
  uint64_t position() const { return offset; }

  llvm::Error append(llvm::ArrayRef<uint8_t> bytes);
  llvm::Error append(llvm::StringRef text);
  /// Pads with zeros (a hole where the file system has them) up to a multiple of \p alignment.
  llvm::Error alignTo(uint64_t alignment);
  /// Appends \p length bytes of \p source from \p sourceOffset: reflink where the file system can
  /// and both sides are aligned, else copy_file_range where \p sourceOffset and position() are
  /// equal modulo a page, else, which is faster then, pread/pwrite through a buffer of 256 KiB.
  /// \p progress is called with the bytes done so far in this call; when it returns an error, the
  /// copy stops with it (cancellation).
  llvm::Expected<CopyMethod>
  appendRange(const FileHandle &source, uint64_t sourceOffset, uint64_t length,
              llvm::function_ref<llvm::Error(uint64_t)> progress = nullptr);

  /// Flushes to the operating system and keeps the file.
  llvm::Error close();

private:
  OutputFile(std::string path, int fd) : filePath(std::move(path)), fd(fd) {}
  llvm::Error writeAt(uint64_t position, llvm::ArrayRef<uint8_t> bytes);
  llvm::Error flush();
  /// Bytes that now share their blocks with the source: all whole blocks, or none.
  uint64_t reflink(const FileHandle &source, uint64_t sourceOffset, uint64_t length);
  /// Bytes copied; 0 when the kernel cannot copy between these files.
  llvm::Expected<uint64_t> kernelCopy(const FileHandle &source, uint64_t sourceOffset,
                                      uint64_t length);
  llvm::Error failure(int cause) const;
  void abandon();

  std::string filePath;
  int fd = -1;
  uint64_t offset = 0;         // where the next byte goes, buffered ones included
  std::vector<uint8_t> buffer; // small appends, not written yet
  bool reflinkRefused = false, kernelCopyRefused = false;
};

} // namespace optrun

#endif // OPTRUN_STORAGE_OUTPUTFILE_H

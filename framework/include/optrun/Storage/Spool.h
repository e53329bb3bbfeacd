// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Scratch space for results of payload passes: one unnamed file that grows, shared by all threads.

#ifndef OPTRUN_STORAGE_SPOOL_H
#define OPTRUN_STORAGE_SPOOL_H

#include "optrun/IR/TensorSource.h"

namespace optrun {

/// The file is unlinked from the start (O_TMPFILE or unlink after open), so that nothing remains
/// after a crash. Made on first use. It may become a file of the result: then its bytes are written
/// once. Regions of less than 1 KiB are in memory: in the file each would take a page.
class Spool {
public:
  /// \p folder: where the scratch file lives; must be on a disk, not in memory, for large models.
  explicit Spool(std::string folder);
  ~Spool();

  /// Reserves \p length bytes. Write them with Region::write from any thread, then take source().
  class Region {
  public:
    llvm::Error write(uint64_t offset, llvm::ArrayRef<uint8_t> bytes);
    /// Readable once written.
    llvm::Expected<ir::TensorSourceRef> source() const;
    uint64_t length() const { return size; }

  private:
    friend class Spool;
    std::shared_ptr<std::vector<uint8_t>> memory; // of a small region; others have a file
    std::shared_ptr<const FileHandle> file;
    int fd = -1;
    uint64_t base = 0, size = 0;
  };
  llvm::Expected<Region> reserve(uint64_t length);

  /// Gives \p file, when it is the one that regions are reserved in now, the name \p path, which
  /// nothing may have yet: all regions in it are written, and sources go on reading from it. Later
  /// reservations are in another file.
  /// \returns false, with nothing done, where it cannot have that name: it is another file, \p path
  /// is on another file system, or this one has no unnamed files. Copy it, then.
  llvm::Expected<bool> publish(const FileHandle &file, llvm::StringRef path);

  /// A path in the same folder that nothing has yet, for what others have to open by its name.
  /// Whoever makes the file removes it.
  std::string unusedPath() const;

  /// In the file that regions are reserved in now.
  uint64_t bytesReserved() const;

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace optrun

#endif // OPTRUN_STORAGE_SPOOL_H

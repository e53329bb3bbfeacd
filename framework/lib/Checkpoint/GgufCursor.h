// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads numbers and strings from a file one after the other.

#ifndef OPTRUN_LIB_CHECKPOINT_GGUFCURSOR_H
#define OPTRUN_LIB_CHECKPOINT_GGUFCURSOR_H

#include "optrun/Storage/FileHandle.h"

#include "llvm/Support/Endian.h"

#include <vector>

namespace optrun::checkpoint {

/// Never reads past its end and allocates nothing that the file does not hold. The first problem is
/// kept: from then on all reads give zeros, so that callers may check once for several.
class GgufCursor {
public:
  /// Bytes [\p begin, \p end) of \p file; the end must not lie behind that of the file.
  GgufCursor(const FileHandle &file, uint64_t begin, uint64_t end)
      : file(file), next(begin), end(end) {}

  uint64_t position() const { return next; }
  uint64_t remaining() const { return end - next; }

  template <typename T> T number() {
    uint8_t bytes[sizeof(T)] = {};
    take(bytes);
    return llvm::support::endian::read<T, llvm::endianness::little>(bytes);
  }
  /// A length of 64 bits and that many bytes. \p what is for messages.
  std::string string(uint64_t maxBytes, llvm::StringRef what);
  void skipString(uint64_t maxBytes, llvm::StringRef what);
  void skip(uint64_t bytes);

  bool failed() const { return !problem.empty(); }
  /// The first problem, if any.
  llvm::Error takeError();

private:
  void take(llvm::MutableArrayRef<uint8_t> out);
  uint64_t stringLength(uint64_t maxBytes, llvm::StringRef what);
  bool fail(const llvm::Twine &message);

  const FileHandle &file;
  uint64_t next, end;
  /// The piece of the file from bufferOffset on.
  std::vector<uint8_t> buffer;
  uint64_t bufferOffset = 0;
  std::string problem;
};

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_GGUFCURSOR_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where the bytes of a tensor come from. Sources are immutable, shared, and read in blocks, so
/// that no pass needs a whole large tensor in memory.

#ifndef OPTRUN_IR_TENSORSOURCE_H
#define OPTRUN_IR_TENSORSOURCE_H

#include "optrun/IR/DataType.h"
#include "optrun/Storage/FileHandle.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace optrun::ir {

/// Bytes [offset, offset + length) of an open file; checked against the file's size when made.
struct FileRange {
  std::shared_ptr<const FileHandle> file;
  uint64_t offset = 0;
  uint64_t length = 0;
};

class TensorSource {
public:
  virtual ~TensorSource();

  /// Bytes that read() can deliver.
  virtual uint64_t byteSize() const = 0;

  /// Fills \p out with the bytes from \p offset on. Thread safe. An error when the range leaves the
  /// source or the file cannot be read (it has shrunk, say).
  virtual llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const = 0;

  /// The bytes in memory, when they are there anyway. Never loads anything.
  virtual std::optional<llvm::ArrayRef<uint8_t>> inlineBytes() const { return std::nullopt; }

  /// The file range that holds exactly these bytes, for copying by range and for sharing a file.
  virtual std::optional<FileRange> fileRange() const { return std::nullopt; }

protected:
  /// For read(): an error when \p length bytes from \p offset on leave the source.
  llvm::Error checkRange(uint64_t offset, size_t length) const;
};

using TensorSourceRef = std::shared_ptr<const TensorSource>;

/// Owns its bytes.
TensorSourceRef makeInlineSource(std::vector<uint8_t> bytes);

/// A range of a file: ONNX external data, raw_data inside an .onnx, safetensors, GGUF, a spool.
/// An error when the range is not inside the file.
llvm::Expected<TensorSourceRef> makeFileRangeSource(FileRange range);

/// Elements of \p source (of type \p from) converted to \p to block by block when read. Float16,
/// BFloat16, Float32 and Float64 in any combination, rounding to nearest even.
llvm::Expected<TensorSourceRef> makeCastSource(TensorSourceRef source, DataType from, DataType to);

/// Rows of \p rowBytes bytes in another order: row i of the result is row \p order[i] of \p source.
llvm::Expected<TensorSourceRef> makeRowPermutationSource(TensorSourceRef source, uint64_t rowBytes,
                                                         std::vector<uint64_t> order);

/// The \p rows rows of \p source, each of \p columns elements of \p elementBytes bytes, as columns.
/// A read costs one read of \p source for each of its rows: read large blocks.
llvm::Expected<TensorSourceRef> makeTransposedSource(TensorSourceRef source, uint64_t rows,
                                                     uint64_t columns, unsigned elementBytes);

} // namespace optrun::ir

#endif // OPTRUN_IR_TENSORSOURCE_H

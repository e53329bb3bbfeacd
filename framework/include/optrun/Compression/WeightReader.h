// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads weights as rows of numbers, whatever way they are stored.

#ifndef OPTRUN_COMPRESSION_WEIGHTREADER_H
#define OPTRUN_COMPRESSION_WEIGHTREADER_H

#include "optrun/Compression/StoredValues.h"
#include "optrun/Compression/Weights.h"

namespace optrun {

/// Part of a weight: some rows, some of their columns. Rows of all matrices are counted through.
struct WeightTile {
  uint64_t firstRow = 0, rows = 0;
  uint64_t firstColumn = 0, columns = 0;

  uint64_t elements() const { return rows * columns; }
};

/// Thread safe: the state is the caller's buffer.
class WeightReader {
public:
  /// \p weight has float, float16 or bfloat16 elements, as many as \p layout says.
  WeightReader(ir::TensorRef weight, const MatrixLayout &layout);

  /// What one thread needs to read; grows to bufferBytes() of the largest tile.
  using Buffer = std::vector<uint8_t>;

  /// Fills \p out with the elements of \p tile, row by row, as float. Contiguous tiles are one
  /// read, others one for each line that is stored: make these wide.
  llvm::Error read(const WeightTile &tile, llvm::MutableArrayRef<float> out, Buffer &buffer) const;

  /// Bytes of the buffer beside \p out.
  uint64_t bufferBytes(const WeightTile &tile) const;

  /// The elements of \p tile, row by row: where rows are contiguous, as they are stored, otherwise
  /// as float. They lie in \p buffer or, if the tensor has them in memory, there.
  llvm::Expected<StoredValues> readStored(const WeightTile &tile, Buffer &buffer) const;

  /// Bytes of the buffer for readStored().
  uint64_t storedBufferBytes(const WeightTile &tile) const;

  /// Rows of \p tile to be read at a time by readStored(), a multiple of eight or all of them:
  /// contiguous ones stay in the second-level cache until they are used.
  uint64_t rowsPerRead(const WeightTile &tile) const;

private:
  llvm::Error readLines(const WeightTile &tile, llvm::MutableArrayRef<float> out,
                        Buffer &buffer) const;
  llvm::Error readColumns(const WeightTile &tile, llvm::MutableArrayRef<float> out,
                          Buffer &buffer) const;
  llvm::Expected<StoredValues> storedRows(const WeightTile &tile, Buffer &buffer) const;
  llvm::Error failure(llvm::Error cause) const;
  /// Bytes of \p buffer from \p bufferOffset on are free to read into.
  llvm::Error readElements(uint64_t first, uint64_t count, float *out, Buffer &buffer,
                           uint64_t bufferOffset = 0) const;

  ir::TensorRef tensor;
  MatrixLayout layout;
  uint64_t elementBytes;
};

} // namespace optrun

#endif // OPTRUN_COMPRESSION_WEIGHTREADER_H

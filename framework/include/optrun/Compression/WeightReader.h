// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads weights as rows of numbers, whatever way they are stored.

#ifndef OPTRUN_COMPRESSION_WEIGHTREADER_H
#define OPTRUN_COMPRESSION_WEIGHTREADER_H

#include "optrun/Compression/StoredValues.h"
#include "optrun/Compression/Weights.h"

#include "llvm/ADT/STLFunctionalExtras.h"

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

  /// What one thread needs to read.
  using Buffer = std::vector<uint8_t>;

  /// The elements of \p tile as they are stored, row by row. They lie in \p buffer or, if the
  /// tensor has them in memory and in this order, there. Contiguous tiles are one read, others one
  /// for each line that is stored, or for several whole ones: make lines wide.
  llvm::Expected<StoredValues> readStored(const WeightTile &tile, Buffer &buffer) const;

  /// To how many bytes the buffer of readStored() grows, at most.
  uint64_t storedBufferBytes(const WeightTile &tile) const;

  /// Bytes of \p tile where it is stored.
  uint64_t storedBytes(const WeightTile &tile) const { return tile.elements() * elementBytes; }

  /// Rows of \p tile to be read at a time, a multiple of eight or all of them: contiguous ones stay
  /// in the second-level cache until they are used.
  uint64_t rowsPerRead(const WeightTile &tile) const;

  /// Rows of \p tile from its row \p first on that are read together.
  WeightTile rowsOf(const WeightTile &tile, uint64_t first) const;

  /// Calls \p body with the rows of \p tile that are read together, in order, and what
  /// readStored() gives for them. Stops at the first error.
  llvm::Error
  forEachRows(const WeightTile &tile, Buffer &buffer,
              llvm::function_ref<llvm::Error(const WeightTile &, StoredValues)> body) const;

  /// Fills \p out with the elements of \p tile, row by row, as float.
  llvm::Error read(const WeightTile &tile, llvm::MutableArrayRef<float> out, Buffer &buffer) const;

  /// To how many bytes the buffer of read() grows, at most.
  uint64_t bufferBytes(const WeightTile &tile) const;

private:
  llvm::Expected<StoredValues> storedRows(const WeightTile &tile, Buffer &buffer) const;
  llvm::Expected<StoredValues> storedColumns(const WeightTile &tile, Buffer &buffer) const;
  /// Elements from the \p first on.
  llvm::Error readElements(uint64_t first, llvm::MutableArrayRef<uint8_t> out) const;
  uint64_t stripColumns(uint64_t columns, uint64_t rows) const;

  ir::TensorRef tensor;
  MatrixLayout layout;
  uint64_t elementBytes;
};

} // namespace optrun

#endif // OPTRUN_COMPRESSION_WEIGHTREADER_H

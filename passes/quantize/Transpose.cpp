// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Transposition by squares, whose lines stay in the first-level cache; bytes by eight times eight
/// in registers.

#include "Transpose.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace optrun::quantize {
namespace {

/// Rows and columns of a square.
constexpr uint64_t Side = 64;

/// Rows [row, row + height) and columns [column, column + width).
struct Square {
  uint64_t row, height, column, width;
};

template <typename Element>
void transposeElements(const uint8_t *in, uint64_t columns, uint8_t *out, uint64_t outStride,
                       const Square &square) {
  for (uint64_t c = square.column; c != square.column + square.width; ++c)
    for (uint64_t r = square.row; r != square.row + square.height; ++r)
      std::memcpy(out + c * outStride + r * sizeof(Element),
                  in + (r * columns + c) * sizeof(Element), sizeof(Element));
}

/// Exchanges what \p mask << \p shift selects in \p one with what \p mask selects in \p other.
void exchange(uint64_t &one, uint64_t &other, unsigned shift, uint64_t mask) {
  const uint64_t difference = ((one >> shift) ^ other) & mask;
  other ^= difference;
  one ^= difference << shift;
}

/// Eight rows of eight bytes. Halves, quarters and eighths of rows change places (Warren, "Hacker's
/// Delight", 7-3, for bytes instead of bits).
void transposeEight(const uint8_t *in, uint64_t inStride, uint8_t *out, uint64_t outStride) {
  std::array<uint64_t, 8> rows;
  for (size_t i = 0; i != 8; ++i)
    std::memcpy(&rows[i], in + i * inStride, 8);
  for (size_t i : {0, 1, 2, 3})
    exchange(rows[i], rows[i + 4], 32, 0x00000000ffffffffULL);
  for (size_t i : {0, 1, 4, 5})
    exchange(rows[i], rows[i + 2], 16, 0x0000ffff0000ffffULL);
  for (size_t i : {0, 2, 4, 6})
    exchange(rows[i], rows[i + 1], 8, 0x00ff00ff00ff00ffULL);
  for (size_t i = 0; i != 8; ++i)
    std::memcpy(out + i * outStride, &rows[i], 8);
}

void transposeBytes(const uint8_t *in, uint64_t columns, uint8_t *out, uint64_t outStride,
                    const Square &square) {
  const uint64_t height = square.height / 8 * 8, width = square.width / 8 * 8;
  for (uint64_t c = square.column; c != square.column + width; c += 8)
    for (uint64_t r = square.row; r != square.row + height; r += 8)
      transposeEight(in + r * columns + c, columns, out + c * outStride + r, outStride);
  const Square right = {square.row, square.height, square.column + width, square.width - width};
  const Square below = {square.row + height, square.height - height, square.column, width};
  transposeElements<uint8_t>(in, columns, out, outStride, right);
  transposeElements<uint8_t>(in, columns, out, outStride, below);
}

} // namespace

void transpose(llvm::ArrayRef<uint8_t> in, uint64_t rows, uint64_t elementBytes,
               llvm::MutableArrayRef<uint8_t> out, uint64_t outStride) {
  assert(in.size() % (rows * elementBytes) == 0);
  assert((elementBytes == 1 || elementBytes == 2 || elementBytes == 4) && "no such elements");
  const uint64_t columns = in.size() / rows / elementBytes;
  assert(out.size() >= (columns - 1) * outStride + rows * elementBytes);
  const auto turn = elementBytes == 1   ? transposeBytes
                    : elementBytes == 2 ? transposeElements<uint16_t>
                                        : transposeElements<uint32_t>;
  for (uint64_t r = 0; r < rows; r += Side)
    for (uint64_t c = 0; c < columns; c += Side)
      turn(in.data(), columns, out.data(), outStride,
           {r, std::min(Side, rows - r), c, std::min(Side, columns - c)});
}

} // namespace optrun::quantize

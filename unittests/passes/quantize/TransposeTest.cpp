// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Transposition against one element after the other.

#include "Transpose.h"

#include <gtest/gtest.h>

using namespace optrun::quantize;

namespace {

TEST(Transpose, TakesAllExtentsAndElements) {
  for (uint64_t rows : {1, 7, 8, 64, 75, 129})
    for (uint64_t columns : {1, 5, 16, 64, 67, 200})
      for (uint64_t size : {1, 2, 4}) {
        const uint64_t stride = rows * size + 3; // what lies between stays as it is
        std::vector<uint8_t> in(rows * columns * size), out(columns * stride, 0xEE);
        for (size_t i = 0; i != in.size(); ++i)
          in[i] = static_cast<uint8_t>(i * 37 + i / 256);
        transpose(in, rows, size, out, stride);
        for (uint64_t c = 0; c != columns; ++c) {
          for (uint64_t i = 0; i != rows * size; ++i)
            ASSERT_EQ(out[c * stride + i], in[(i / size * columns + c) * size + i % size])
                << rows << "x" << columns << ", " << size << " bytes";
          for (uint64_t i = rows * size; i != stride; ++i)
            ASSERT_EQ(out[c * stride + i], 0xEE);
        }
      }
}

} // namespace

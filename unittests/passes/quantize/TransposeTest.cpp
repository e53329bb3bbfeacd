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
        std::vector<uint8_t> in(rows * columns * size), out(in.size());
        for (size_t i = 0; i != in.size(); ++i)
          in[i] = static_cast<uint8_t>(i * 37 + i / 256);
        transpose(in, rows, size, out);
        for (uint64_t r = 0; r != rows; ++r)
          for (uint64_t c = 0; c != columns; ++c)
            for (uint64_t b = 0; b != size; ++b)
              ASSERT_EQ(out[(c * rows + r) * size + b], in[(r * columns + c) * size + b])
                  << rows << "x" << columns << ", " << size << " bytes";
      }
}

} // namespace

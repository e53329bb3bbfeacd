// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Random bytes, the same wherever a read begins.

#include "RandomWeights.h"

using namespace llvm;
using namespace optrun;

namespace {

class RandomWeights final : public ir::TensorSource {
public:
  RandomWeights(uint8_t exponent, uint8_t free, uint64_t bytes, uint64_t seed)
      : exponent(exponent), free(free), bytes(bytes), seed(seed) {}

  uint64_t byteSize() const override { return bytes; }

  Error read(uint64_t offset, MutableArrayRef<uint8_t> out) const override {
    for (size_t i = 0; i < out.size(); i += 2) {
      uint64_t z = (seed << 32) + offset + i;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
      out[i] = static_cast<uint8_t>(z >> 40);
      if (i + 1 < out.size())
        out[i + 1] = static_cast<uint8_t>(((z >> 60) & 1) << 7 | exponent | ((z >> 50) & free));
    }
    return Error::success();
  }

private:
  uint8_t exponent, free; // of the upper byte: what is set, and which bits are random
  uint64_t bytes, seed;
};

} // namespace

ir::TensorSourceRef test::makeRandomWeights(ir::DataType type, uint64_t bytes, uint64_t seed) {
  // 5 bits of exponent and 2 of mantissa, the last of the exponent random; or 7 bits of exponent,
  // whose last one is in the lower byte.
  if (type == ir::DataType::BFloat16)
    return std::make_shared<RandomWeights>(0x3C, 0, bytes, seed);
  return std::make_shared<RandomWeights>(0x20, 7, bytes, seed);
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Method::Rtn against what ONNX Runtime's quantizers made of the same weights (make_goldens.py).

#include "PlainQuantizer.h"
#include "TestSupport/Errors.h"
#include "TestSupport/SourceBytes.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Checkpoint/SafeTensors.h"
#include "optrun/Compression/CodePacking.h"

#include "llvm/ADT/Twine.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace optrun;
using namespace optrun::quantize;
using test::bytesOf;
using test::valueOf;

namespace {

class OnnxRuntimeGoldens : public testing::TestWithParam<ir::DataType> {
protected:
  static constexpr size_t RowSize = 75;

  checkpoint::SafeTensorsFile file = valueOf(checkpoint::SafeTensorsFile::open(
      test::sourceDir() + "/unittests/passes/quantize/kernels/goldens.safetensors"));
  std::string type = GetParam() == ir::DataType::Float16 ? "float16" : "float32";
  std::vector<float> weights = floats(type);

  ir::TensorRef tensor(const llvm::Twine &name) const {
    ir::TensorRef found = file.find(name.str());
    if (!found)
      throw std::runtime_error("no tensor " + name.str());
    return found;
  }

  template <typename T> std::vector<T> elements(const llvm::Twine &name) const {
    const std::vector<uint8_t> bytes = bytesOf(tensor(name)->source());
    std::vector<T> result(bytes.size() / sizeof(T));
    std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }

  std::vector<float> floats(const llvm::Twine &name) const {
    const ir::TensorRef found = tensor(name);
    const ir::TensorSourceRef cast =
        valueOf(ir::makeCastSource(found->source(), found->dataType(), ir::DataType::Float32));
    const std::vector<uint8_t> bytes = bytesOf(cast);
    std::vector<float> result(bytes.size() / sizeof(float));
    std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }

  llvm::ArrayRef<float> row(size_t index) const {
    return llvm::ArrayRef(weights).slice(index * RowSize, RowSize);
  }
  size_t rowCount() const { return weights.size() / RowSize; }
};
INSTANTIATE_TEST_SUITE_P(Types, OnnxRuntimeGoldens,
                         testing::Values(ir::DataType::Float32, ir::DataType::Float16));

/// \p count codes, the first in the lowest bits of the first byte.
std::vector<uint8_t> unpacked(llvm::ArrayRef<uint8_t> bytes, unsigned bits, size_t count) {
  std::vector<uint8_t> codes(count);
  for (size_t i = 0; i != count; ++i)
    codes[i] = bytes[i * bits / 8] >> i * bits % 8 & ((1U << bits) - 1);
  return codes;
}

template <typename T> std::vector<T> slice(const std::vector<T> &all, size_t index, size_t size) {
  return std::vector<T>(all.begin() + index * size, all.begin() + (index + 1) * size);
}

TEST_P(OnnxRuntimeGoldens, BlocksAreThoseOfMatMulNBits) {
  for (bool symmetric : {true, false})
    for (unsigned bits : {2U, 4U, 8U})
      for (uint64_t blockSize : {16, 32, 128}) {
        const std::string name =
            (type + ".bits" + llvm::Twine(bits) + ".block" + llvm::Twine(blockSize) +
             (symmetric ? ".symmetric" : ".asymmetric"))
                .str();
        const std::vector<float> scales = floats(name + ".scales");
        const auto codes = elements<uint8_t>(name + ".codes");
        const Grid grid = {.bits = bits, .symmetric = symmetric, .scaleType = GetParam()};
        for (size_t i = 0; i != rowCount(); ++i) {
          SCOPED_TRACE(testing::Message() << name << ", row " << i);
          const QuantizedRow result = quantizedRow(grid, row(i), blockSize);
          // Each block in whole bytes. What pads the last one is never decoded.
          const size_t rowBytes = result.scales.size() * packedSize(blockSize, bits);
          EXPECT_EQ(result.codes, unpacked(slice(codes, i, rowBytes), bits, RowSize));
          EXPECT_EQ(result.scales, slice(scales, i, result.scales.size()));
          if (symmetric)
            continue;
          const auto zeros = elements<uint8_t>(name + ".zeros");
          const size_t zeroBytes = packedSize(result.scales.size(), bits);
          EXPECT_EQ(result.zeroCodes,
                    unpacked(slice(zeros, i, zeroBytes), bits, result.zeroCodes.size()));
        }
      }
}

TEST_P(OnnxRuntimeGoldens, ChannelsAreThoseOfQuantizeLinear) {
  for (bool symmetric : {true, false})
    for (unsigned bits : {4U, 8U})
      for (bool isSigned : {true, false}) {
        const std::string name = (type + (isSigned ? ".int" : ".uint") + llvm::Twine(bits) +
                                  (symmetric ? ".symmetric" : ".asymmetric"))
                                     .str();
        const Grid grid = {.bits = bits,
                           .isSigned = isSigned,
                           .symmetric = symmetric,
                           .scaleType = GetParam(),
                           .convention = Convention::QuantizeLinear};
        const std::vector<float> scales = floats(name + ".scales");
        const auto zeros = elements<int16_t>(name + ".zeros");
        const auto codes = elements<int16_t>(name + ".codes");
        const int lowest = isSigned ? -(1 << (bits - 1)) : 0;
        for (size_t i = 0; i != rowCount(); ++i) {
          SCOPED_TRACE(testing::Message() << name << ", row " << i);
          const QuantizedRow result = quantizedRow(grid, row(i), RowSize);
          // It makes zeros of rows whose scale is subnormal in float16.
          if (result.scales[0] < 0x1p-14F && GetParam() == ir::DataType::Float16) {
            EXPECT_EQ(scales[i], 1);
            EXPECT_EQ(result.errors.subnormalScales, 1u);
            continue;
          }
          EXPECT_EQ(result.scales[0], scales[i]);
          EXPECT_EQ(result.zeroCodes[0] + lowest, zeros[i]);
          std::vector<int16_t> integers;
          for (uint8_t code : result.codes)
            integers.push_back(static_cast<int16_t>(code + lowest));
          EXPECT_EQ(integers, slice(codes, i, RowSize));
        }
      }
}

} // namespace

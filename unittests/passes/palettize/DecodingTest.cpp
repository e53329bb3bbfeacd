// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What ONNX Runtime looks up, against a plain reading of the constants, for every form of indices,
/// tables and scales.

#include "PalettizeFixture.h"

#include "optrun/IR/FloatScalars.h"
#include "optrun/Runtime/Session.h"

#include <cstring>

using namespace optrun;
using namespace optrun::palettize;
using namespace optrun::test;

namespace {

struct Form {
  int64_t bits;
  int opset;
  int64_t groupSize;
  LutDtype lut;
  bool scaled;
};

void PrintTo(const Form &form, std::ostream *os) {
  *os << form.bits << " bits, opset " << form.opset << ", groups of " << form.groupSize
      << (form.lut == LutDtype::Int8 ? ", int8" : "") << (form.scaled ? ", scaled" : "");
}

class LutDecoding : public PalettizeTest, public testing::WithParamInterface<Form> {
protected:
  static PalettizeOptions options() {
    PalettizeOptions options = PalettizeTest::options(GetParam().bits);
    options.groupSize = GetParam().groupSize;
    options.lutDtype = GetParam().lut;
    options.perChannelScale = GetParam().scaled;
    return options;
  }

  /// Numbers around zero, no two the same.
  static std::string numbers(int count) {
    std::string list;
    uint64_t state = 7;
    for (int i = 0; i != count; ++i) {
      state = state * 0x5851F42D4C957F2D + 0x14057B7EF767814F;
      list += (i ? ", " : "") + std::to_string(static_cast<double>(state >> 40) * 0x1p-23 - 1);
    }
    return list;
  }

  static std::vector<uint8_t> bytesOf(const ir::Component &component, const std::string &name) {
    const ir::Value *value = component.graph.findValue(name);
    return value ? valueOf(value->tensor()->readAll()) : std::vector<uint8_t>();
  }

  static float half(llvm::ArrayRef<uint8_t> bytes, size_t index) {
    ir::Float16 element;
    std::memcpy(&element.bits, &bytes[2 * index], 2);
    return ir::toFloat(element);
  }

  /// [rows, columns], element by element.
  static std::vector<float> decode(const ir::Component &component, int rows, int columns) {
    const bool hasOwnName = component.graph.findValue("w_packed_indices");
    const auto indices = bytesOf(component, hasOwnName ? "w_packed_indices" : "w_indices"),
               lut = bytesOf(component, "w_lut"), lutScales = bytesOf(component, "w_lut_scale"),
               scales = bytesOf(component, "w_scale");
    const Form form = GetParam();
    std::vector<float> elements;
    for (int64_t i = 0; i != int64_t{rows} * columns; ++i) {
      int64_t code = 0;
      for (int64_t bit = 0; bit != form.bits; ++bit) {
        const int64_t at = i * form.bits + bit;
        code |= int64_t{indices[at / 8] >> at % 8 & 1} << bit;
      }
      const int64_t row = i / columns, group = row / form.groupSize,
                    entry = group * (1 << form.bits) + code;
      float element =
          form.lut == LutDtype::Int8
              ? static_cast<float>(static_cast<int8_t>(lut[entry])) * half(lutScales, group)
              : half(lut, entry);
      if (form.scaled)
        element *= half(scales, row);
      elements.push_back(element);
    }
    return elements;
  }

  static std::vector<float> run(const ir::Component &component, ir::DataType type,
                                llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<uint8_t> input,
                                bool optimize) {
    const std::vector<uint8_t> bytes = valueOf(optrun::onnx::writeModelToMemory(component));
    auto session = valueOf(runtime::Session::openFromMemory(bytes, "", {.optimize = optimize}));
    const auto value = valueOf(runtime::RuntimeValue::tensor(type, dims, input));
    const auto results = valueOf(session->run([&](const std::string &) { return &value; }));
    std::vector<float> floats(results.front().bytes().size() / sizeof(float));
    std::memcpy(floats.data(), results.front().bytes().data(), results.front().bytes().size());
    return floats;
  }
};

/// Seven rows of odd length, the whole of which ends within a byte.
TEST_P(LutDecoding, OfProductsIsThatOfTheConstants) {
  constexpr int Rows = 7, Columns = 5;
  const Compressed result =
      palettizeModel(model("g (float[5,5] x) => (float[5,7] y) <float[7,5] w = {" +
                               numbers(Rows * Columns) + "}> { y = Gemm<transB = 1>(x, w) }",
                           GetParam().opset),
                     options());
  ASSERT_EQ(result.error, "");
  const std::vector<float> expected = decode(result.model(), Rows, Columns);
  std::vector<float> one(Columns * Columns);
  for (int i = 0; i != Columns; ++i)
    one[i * Columns + i] = 1;
  const auto *input = reinterpret_cast<const uint8_t *>(one.data());
  for (const bool optimize : {false, true}) {
    const std::vector<float> columns = run(result.model(), ir::DataType::Float32,
                                           {Columns, Columns}, {input, one.size() * 4}, optimize);
    for (int row = 0; row != Rows; ++row)
      for (int column = 0; column != Columns; ++column)
        EXPECT_EQ(columns[column * Rows + row], expected[row * Columns + column]);
  }
}

/// Ids from both ends, in two axes.
TEST_P(LutDecoding, OfEmbeddingsIsThatOfTheConstants) {
  constexpr int Rows = 7, Columns = 8;
  const Compressed result =
      palettizeModel(model("g (int64[2,3] ids) => (float[2,3,8] y) <float[7,8] w = {" +
                               numbers(Rows * Columns) + "}> { y = Gather(w, ids) }",
                           GetParam().opset),
                     options());
  ASSERT_EQ(result.error, "");
  ASSERT_EQ(result.model().functions.front()->name, "LutGather");
  const std::vector<float> expected = decode(result.model(), Rows, Columns);
  const std::vector<int64_t> ids = {0, 6, 3, -1, -7, 4};
  const auto *input = reinterpret_cast<const uint8_t *>(ids.data());
  for (const bool optimize : {false, true}) {
    const std::vector<float> rows =
        run(result.model(), ir::DataType::Int64, {2, 3}, {input, ids.size() * 8}, optimize);
    for (size_t i = 0; i != ids.size(); ++i)
      for (int column = 0; column != Columns; ++column)
        EXPECT_EQ(rows[i * Columns + column], expected[(ids[i] + Rows) % Rows * Columns + column]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LutDecoding,
    testing::Values(Form{1, 21, 7, LutDtype::Float16, false}, Form{1, 12, 2, LutDtype::Int8, true},
                    Form{2, 21, 3, LutDtype::Float16, true}, Form{2, 13, 1, LutDtype::Int8, false},
                    Form{3, 21, 4, LutDtype::Float16, false}, Form{3, 12, 7, LutDtype::Int8, true},
                    Form{4, 21, 4, LutDtype::Float16, true}, Form{4, 12, 4, LutDtype::Int8, false},
                    Form{6, 21, 1, LutDtype::Float16, true}, Form{6, 17, 5, LutDtype::Int8, false},
                    Form{8, 21, 2, LutDtype::Float16, false},
                    Form{8, 12, 7, LutDtype::Int8, true}));

} // namespace

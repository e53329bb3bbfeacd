// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Products and lookups of matrices, which may be quantized. No weight is rounded: scales and
/// minimums are widened from 16 to 32 bits, and q * scale is exact in 32 bits.

#include "decoder/Matrices.h"

#include "optrun/Checkpoint/PackedBlocks.h"

namespace optrun::decoder {
namespace {

constexpr int64_t BlockSize = checkpoint::PackedBlocks::BlockSize;

int64_t blocksOf(const Matrix &matrix) { return matrix.in / BlockSize; }

ir::Value *widenedHalves(ModuleBuilder &build, ir::Value *halves) {
  return build.cast(halves, ir::DataType::Float16, build.computeType());
}

/// The zero points that the operator has by itself need no operand.
ir::Value *zeroPoints(ModuleBuilder &build, const Matrix &matrix) {
  if (matrix.zero == int64_t{1} << (matrix.bits - 1))
    return nullptr;
  assert(matrix.zero == 0 && "other zero points would have to be stored");
  return build.zeroBytes({matrix.out, (blocksOf(matrix) * matrix.bits + 7) / 8});
}

ir::Value *multiplyQuants(ModuleBuilder &build, ir::Value *rows, const Matrix &matrix) {
  constexpr int64_t InFloat32 = 1; // others round the rows
  llvm::SmallVector<ir::Value *, 4> operands = {rows, matrix.quants,
                                                widenedHalves(build, matrix.scales)};
  if (ir::Value *zeros = zeroPoints(build, matrix))
    operands.push_back(zeros);
  return build.addMicrosoft("MatMulNBits", operands,
                            {{"K", matrix.in},
                             {"N", matrix.out},
                             {"bits", matrix.bits},
                             {"block_size", BlockSize},
                             {"accuracy_level", InFloat32}});
}

/// \p product plus what minimums add: each element of a block is multiplied with the same one, so
/// that the block's sum is.
ir::Value *addMinimums(ModuleBuilder &build, ir::Value *product, ir::Value *rows,
                       const Matrix &matrix) {
  ir::Value *blocks =
      build.add("Reshape", {rows, build.integers({-1, blocksOf(matrix), BlockSize})});
  ir::Value *sums =
      build.add("ReduceSum", {blocks, build.integers({-1})}, {{"keepdims", int64_t{0}}});
  return build.add("Gemm", {sums, widenedHalves(build, matrix.minimums), product},
                   {{"transB", int64_t{1}}});
}

/// [batch, sequence, blocks, bytes] with two numbers in each byte as one number each.
ir::Value *splitNibbles(ModuleBuilder &build, ir::Value *bytes, int64_t blocks) {
  ir::Value *low = build.add("BitwiseAnd", {bytes, build.byte(15)});
  ir::Value *high = build.add("BitShift", {bytes, build.byte(4)}, {{"direction", "RIGHT"}});
  ir::Value *last = build.integers({-1});
  ir::Value *pairs = build.add(
      "Concat", {build.add("Unsqueeze", {low, last}), build.add("Unsqueeze", {high, last})},
      {{"axis", int64_t{-1}}});
  return build.add("Reshape", {pairs, build.integers({0, 0, blocks, BlockSize})});
}

/// One number of each block of the rows, [batch, sequence, blocks, 1].
ir::Value *takeOfBlocks(ModuleBuilder &build, ir::Value *halves, ir::Value *indices) {
  ir::Value *rows = widenedHalves(build, build.add("Gather", {halves, indices}));
  return build.add("Unsqueeze", {rows, build.integers({-1})});
}

ir::Value *takeQuantizedRows(ModuleBuilder &build, const Matrix &matrix, ir::Value *indices) {
  ir::Value *quants = build.add("Gather", {matrix.quants, indices});
  if (matrix.bits == 4)
    quants = splitNibbles(build, quants, blocksOf(matrix));
  ir::Value *values = build.cast(quants, ir::DataType::UInt8, build.computeType());
  if (matrix.zero != 0)
    values = build.add("Sub", {values, build.number(static_cast<double>(matrix.zero))});
  values = build.add("Mul", {values, takeOfBlocks(build, matrix.scales, indices)});
  if (matrix.minimums)
    values = build.add("Add", {values, takeOfBlocks(build, matrix.minimums, indices)});
  return build.add("Reshape", {values, build.integers({0, 0, matrix.in})});
}

} // namespace

ir::Value *multiply(ModuleBuilder &build, ir::Value *rows, const Matrix &matrix, ir::Value *bias) {
  if (matrix.values) {
    ir::Value *weight =
        build.cast(matrix.values, matrix.values->type().elementType(), build.computeType());
    llvm::SmallVector<ir::Value *, 3> operands = {rows, weight};
    if (bias)
      operands.push_back(bias);
    return build.add("Gemm", operands, {{"transB", int64_t{!matrix.inputsFirst}}});
  }
  ir::Value *product = multiplyQuants(build, rows, matrix);
  if (matrix.minimums)
    product = addMinimums(build, product, rows, matrix);
  return bias ? build.add("Add", {product, bias}) : product;
}

ir::Value *takeRows(ModuleBuilder &build, const Matrix &matrix, ir::Value *indices) {
  if (!matrix.values)
    return takeQuantizedRows(build, matrix, indices);
  return build.cast(build.add("Gather", {matrix.values, indices}),
                    matrix.values->type().elementType(), build.computeType());
}

} // namespace optrun::decoder

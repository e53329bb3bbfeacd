// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The weights of a model that can be compressed, and the operands that read them.

#ifndef OPTRUN_COMPRESSION_WEIGHTS_H
#define OPTRUN_COMPRESSION_WEIGHTS_H

#include "optrun/IR/Package.h"

namespace optrun {

/// How the elements of a weight lie, as matrices with a row for each output channel (or entry of a
/// table) along the axis that products sum over, the contraction.
struct MatrixLayout {
  uint64_t matrices = 1;      ///< one after the other
  uint64_t rows = 0;          ///< of each matrix
  uint64_t columns = 0;       ///< along the contraction
  bool rowsContiguous = true; ///< stored [rows, columns]; otherwise [columns, rows]

  uint64_t allRows() const { return matrices * rows; }
  uint64_t elements() const { return matrices * rows * columns; }
  bool operator==(const MatrixLayout &) const = default;
};

/// An operand of a node, at the end of what comes between the weight and the node: Cast, Identity,
/// and Transpose of the last two axes.
struct WeightUse {
  enum class Kind {
    MatMulRight, ///< activations times the weight
    MatMulLeft,  ///< the weight times activations
    Gemm,        ///< its operand B
    Conv,
    Gather,    ///< of rows
    Recurrent, ///< operands W and R of LSTM, GRU and RNN
  };
  Kind kind = Kind::MatMulRight;
  ir::Node *node = nullptr;
  unsigned operand = 0;
  ir::Component *component = nullptr;
  /// The graph that the constant belongs to: that of the node or one around it.
  ir::Graph *home = nullptr;
  /// The type of the operand: another than the weight's behind a Cast.
  ir::DataType type = ir::DataType::Undefined;
  /// Whether the operand is stored [rows, columns] as the node reads it, Transpose before it
  /// included; Gemm's transB is not.
  bool rowsFirst = true;
};

/// What the node of \p use multiplies the weight with, when it sums over that operand's last axis,
/// which then has Weight::layout's columns. Null for other uses.
ir::Value *multipliedInputs(const WeightUse &use);

/// A constant that the nodes read that compression knows, all of it in the same direction.
struct Weight {
  ir::TensorRef tensor;
  MatrixLayout layout;
  std::vector<WeightUse> uses;      ///< in the order of components and their nodes; never empty
  std::vector<std::string> names;   ///< of the values that hold it, the first is that of the tensor
  std::vector<std::string> modules; ///< of the nodes that use it, each once
};

/// A constant that looks like a weight and has to stay as it is.
struct UncompressedWeight {
  std::string name;   ///< may be empty inside of functions
  std::string reason; ///< "is an output of the model"
  uint64_t elements = 0;
};

struct Weights {
  std::vector<Weight> found; ///< in order of first use
  std::vector<UncompressedWeight> left;
};

/// Metadata of a tensor that is part of a matrix that is stored in quantized form, such as the
/// minimums of its blocks: the name of that matrix. Not compressed again.
inline constexpr llvm::StringLiteral QuantizedMatrixKey = "optrun.quantized_matrix";

/// The floating-point constants (float, float16, bfloat16) of rank 2 and more that MatMul, Gemm
/// (B), Conv (W), Gather (rows of a table) or LSTM, GRU and RNN (W, R) read: initializers and
/// Constant nodes, in nested graphs too. What several nodes, names or components share (tied
/// embeddings) is one weight. Constants inside of model-local functions are left.
Weights findWeights(llvm::ArrayRef<ir::Component *> components);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_WEIGHTS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The types that the values of a model have when its inputs have given shapes: what a run of the
/// model holds and moves, without running it.

#ifndef OPTRUN_ONNX_FIXEDSHAPES_H
#define OPTRUN_ONNX_FIXEDSHAPES_H

#include "optrun/IR/Package.h"

#include "llvm/ADT/DenseMap.h"

namespace optrun::onnx {

/// The shape that one graph input is given.
struct FixedInput {
  const ir::Value *input = nullptr;
  ir::Tensor::Dims dims;
};

/// What follows from the shapes of the inputs, for the graph and the graphs nested in it.
struct FixedShapes {
  /// Values of unknown type are not in it.
  llvm::DenseMap<const ir::Value *, const ir::Type *> types;
  /// What they point to: a model has few types that differ.
  std::vector<std::unique_ptr<const ir::Type>> distinctTypes;
  /// How often a Loop or Scan runs its body, where that is known.
  llvm::DenseMap<const ir::Node *, int64_t> iterations;
  /// For each If with a known condition: whether it takes then_branch.
  llvm::DenseMap<const ir::Node *, bool> conditions;
};

/// Infers the types of all values from those of the inputs, by the ONNX library's rules and those
/// for com.microsoft operators (see inferShapes()). The component stays as it is. Small integer
/// tensors are computed on the way, so that shapes that the model computes (Range, Where, Expand …)
/// are known. Where the rules say nothing (operators of others), the type that the model states is
/// taken, with \p evaluate giving the extents of its symbols. An If whose branches differ has the
/// type of the branch that is taken, or of the first where all is known; what a Loop carries has
/// the type that the first round leaves. Model-local functions are not looked into. One pass. An
/// error when a small constant cannot be read.
llvm::Expected<FixedShapes>
inferFixedShapes(const ir::Component &component, llvm::ArrayRef<FixedInput> inputs,
                 llvm::function_ref<std::optional<int64_t>(llvm::StringRef symbol)> evaluate);

} // namespace optrun::onnx

#endif // OPTRUN_ONNX_FIXEDSHAPES_H

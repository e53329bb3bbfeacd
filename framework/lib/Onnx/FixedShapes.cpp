// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Fixes the shapes of a model's inputs and walks the graph.

#include "optrun/Onnx/FixedShapes.h"

#include "LibraryCalls.h"
#include "ShapeWalk.h"
#include "TypeMessages.h"

namespace optrun::onnx {
namespace {

ir::Shape shapeOf(const ir::Tensor::Dims &dims) {
  ir::Shape shape;
  for (int64_t extent : dims)
    shape.emplace_back().extent = extent;
  return shape;
}

} // namespace

llvm::Expected<FixedShapes>
inferFixedShapes(const ir::Component &component, llvm::ArrayRef<FixedInput> inputs,
                 llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> evaluate) {
  llvm::DenseMap<const ir::Value *, const FixedInput *> given;
  for (const FixedInput &input : inputs)
    given[input.input] = &input;
  ShapeWalk walk(component, evaluate);
  for (const ir::Value *input : component.graph.inputs()) {
    ir::Type type = input->type();
    if (const FixedInput *fixed = given.lookup(input); fixed && type.isTensor())
      type.setShape(shapeOf(fixed->dims));
    walk.define(*input, messageOf(type));
  }
  llvm::Error failure = llvm::Error::success();
  llvm::Error thrown = callLibrary("inference of fixed shapes failed", [&] {
    failure = llvm::joinErrors(std::move(failure), walk.visitGraph(component.graph));
  });
  if (llvm::Error error = llvm::joinErrors(std::move(failure), std::move(thrown)))
    return error;
  return walk.take();
}

} // namespace optrun::onnx

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Fixes the shapes of a model's inputs and walks the graph.

#include "optrun/Onnx/FixedShapes.h"

#include "LibraryCalls.h"
#include "LibraryModel.h"
#include "ShapeWalk.h"

namespace optrun::onnx {

llvm::Expected<FixedShapes>
inferFixedShapes(const ir::Component &component, llvm::ArrayRef<FixedInput> inputs,
                 llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> evaluate) {
  auto model = makeLibraryModel(component);
  if (!model)
    return model.takeError();
  llvm::StringMap<const FixedInput *> given;
  for (const FixedInput &input : inputs)
    given[input.input->name()] = &input;
  for (proto::ValueInfoProto &info : *(*model)->mutable_graph()->mutable_input()) {
    const FixedInput *input = given.lookup(info.name());
    if (!input || !info.type().has_tensor_type())
      continue;
    proto::TensorShapeProto &shape = *info.mutable_type()->mutable_tensor_type()->mutable_shape();
    shape.Clear();
    for (int64_t extent : input->dims)
      shape.add_dim()->set_dim_value(extent);
  }
  FixedShapes shapes;
  auto error = callLibrary("inference of fixed shapes failed", [&] {
    ShapeWalk walk(**model, evaluate);
    walk.run(component.graph);
    shapes = walk.take();
  });
  if (error)
    return error;
  return shapes;
}

} // namespace optrun::onnx

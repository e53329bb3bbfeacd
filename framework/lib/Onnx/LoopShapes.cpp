// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// In the schema, rather than between rounds of inference, this reaches Loops one behind another
/// and Loops in nested graphs and functions in one go.

#include "LoopShapes.h"

#include <limits>
#include <onnx/defs/shape_inference.h>

namespace optrun::onnx {

namespace {

const proto::TypeProto_Tensor *shapedTensor(const proto::TypeProto *type) {
  const bool hasShape = type && type->has_tensor_type() && type->tensor_type().has_shape();
  return hasShape ? &type->tensor_type() : nullptr;
}

/// Inputs: trip count, condition, initial values. Outputs: final values, then what each iteration
/// appends to. The body gives the condition first. Inference has been over the body.
void inferCarried(proto::InferenceContext &context) {
  const proto::AttributeProto *body = context.getAttribute("body");
  if (!body)
    return;
  const size_t numInputs = context.getNumInputs(), numOutputs = context.getNumOutputs();
  for (size_t index = 0; index + 2 < numInputs && index < numOutputs; ++index) {
    const int bodyOutput = static_cast<int>(index) + 1;
    if (bodyOutput >= body->g().output_size())
      return;
    const auto *initial = shapedTensor(context.getInputType(index + 2));
    const auto *next = shapedTensor(&body->g().output(bodyOutput).type());
    proto::TypeProto *result = context.getOutputType(index);
    if (!initial || !next || !result->has_tensor_type() || shapedTensor(result))
      continue;
    *result->mutable_tensor_type()->mutable_shape() = initial->shape();
    proto::UnionShapeInfo(next->shape(), *result->mutable_tensor_type());
  }
}

} // namespace

std::map<int, proto::OpSchema> makeLoopSchemas() {
  std::map<int, proto::OpSchema> schemas;
  // From the newest version down: each lookup gives the one in force.
  for (int version = std::numeric_limits<int>::max();;) {
    const proto::OpSchema *schema =
        proto::OpSchemaRegistry::Instance()->GetSchema("Loop", version, "");
    if (!schema)
      return schemas;
    proto::OpSchema completed = *schema;
    completed.TypeAndShapeInferenceFunction(
        [infer = schema->GetTypeAndShapeInferenceFunction()](proto::InferenceContext &context) {
          infer(context);
          inferCarried(context);
        });
    version = schema->SinceVersion() - 1;
    schemas.emplace(schema->SinceVersion(), std::move(completed));
  }
}

} // namespace optrun::onnx

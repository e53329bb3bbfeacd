// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// In the schema, rather than between rounds of inference, this reaches nodes one behind another
/// and nodes in nested graphs and functions in one go.

#include "AmendedSchemas.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

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

/// "...ij,jk": letters and at most one ellipsis for each operand. Spaces mean nothing.
bool areOperands(llvm::StringRef terms) {
  llvm::SmallVector<llvm::StringRef, 4> operands;
  terms.split(operands, ',');
  return llvm::all_of(operands, [](llvm::StringRef operand) {
    const auto [before, after] = operand.split("...");
    auto isIndex = [](char c) { return llvm::isAlpha(c) || c == ' '; };
    return llvm::all_of(before, isIndex) && llvm::all_of(after, isIndex);
  });
}

void checkEquation(proto::InferenceContext &context) {
  const proto::AttributeProto *equation = context.getAttribute("equation");
  if (equation && !areOperands(llvm::StringRef(equation->s()).split("->").first))
    throw proto::InferenceError("'" + equation->s() + "' is no equation of Einsum");
}

using Inference = void (*)(proto::InferenceContext &);
void nothing(proto::InferenceContext &) {}

/// The library's schemas of \p name, with \p before and \p after around their inference.
SchemaVersions amend(const std::string &name, Inference before, Inference after) {
  SchemaVersions schemas;
  // From the newest version down: each lookup gives the one in force.
  for (int version = std::numeric_limits<int>::max();;) {
    const proto::OpSchema *schema =
        proto::OpSchemaRegistry::Instance()->GetSchema(name, version, "");
    if (!schema)
      return schemas;
    proto::OpSchema amended = *schema;
    amended.TypeAndShapeInferenceFunction(
        [before, after,
         infer = schema->GetTypeAndShapeInferenceFunction()](proto::InferenceContext &context) {
          before(context);
          infer(context);
          after(context);
        });
    version = schema->SinceVersion() - 1;
    schemas.emplace(schema->SinceVersion(), std::move(amended));
  }
}

} // namespace

std::map<std::string, SchemaVersions> makeAmendedSchemas() {
  return {{"Loop", amend("Loop", nothing, inferCarried)},
          {"Einsum", amend("Einsum", checkEquation, nothing)}};
}

} // namespace optrun::onnx

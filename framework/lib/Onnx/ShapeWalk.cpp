// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Calls the library's inference function of each operator, with the values of small tensors. The
/// library's own driver computes hardly any values, so that it loses the shapes behind Range, Where
/// or Expand.

#include "ShapeWalk.h"

#include "ContribSchemas.h"
#include "LibraryCalls.h"
#include "TypeConversion.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::onnx {
namespace {

const proto::ShapeInferenceOptions InferenceOptions{/*check_type=*/false, /*strict_mode=*/0,
                                                    /*data_prop=*/true};

/// Makes the dimensions of \p type extents where \p evaluate knows them.
void fixDimensions(proto::TypeProto &type, ShapeWalk::Evaluate evaluate) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape())
    return;
  for (auto &dim : *type.mutable_tensor_type()->mutable_shape()->mutable_dim()) {
    if (dim.has_dim_value())
      continue;
    const auto extent = dim.has_dim_param() ? evaluate(dim.dim_param()) : std::nullopt;
    if (extent && *extent >= 0)
      dim.set_dim_value(*extent);
    else
      dim.clear_dim_param();
  }
}

/// Takes over from \p known what \p type leaves open.
void complete(proto::TypeProto &type, const proto::TypeProto &known) {
  if (type.value_case() == proto::TypeProto::VALUE_NOT_SET) {
    type = known;
    return;
  }
  if (!type.has_tensor_type() || !known.has_tensor_type())
    return;
  auto &tensor = *type.mutable_tensor_type();
  if (tensor.elem_type() == proto::TensorProto::UNDEFINED)
    tensor.set_elem_type(known.tensor_type().elem_type());
  if (!known.tensor_type().has_shape())
    return;
  const auto &dims = known.tensor_type().shape().dim();
  if (!tensor.has_shape())
    *tensor.mutable_shape() = known.tensor_type().shape();
  else if (tensor.shape().dim_size() == dims.size())
    for (auto [dim, other] : llvm::zip_equal(*tensor.mutable_shape()->mutable_dim(), dims))
      if (!dim.has_dim_value() && other.has_dim_value())
        dim.set_dim_value(other.dim_value());
}

/// Integers and conditions; unknown types may be either.
bool canBePartOfShape(const proto::TypeProto &type) {
  if (!type.has_tensor_type())
    return type.value_case() == proto::TypeProto::VALUE_NOT_SET;
  switch (type.tensor_type().elem_type()) {
  case proto::TensorProto::INT64:
  case proto::TensorProto::INT32:
  case proto::TensorProto::BOOL:
  case proto::TensorProto::UNDEFINED:
    return true;
  default:
    return false;
  }
}

std::string domainOf(const std::string &domain) { return domain == "ai.onnx" ? "" : domain; }

} // namespace

ShapeWalk::ShapeWalk(proto::ModelProto &model, Evaluate evaluate)
    : model(model), evaluate(evaluate) {
  for (const auto &opset : model.opset_import())
    opsets[domainOf(opset.domain())] = static_cast<int>(opset.version());
  for (const proto::ValueInfoProto &input : model.graph().input())
    define(input.name(), input.type());
  symbols.addFromGraph(model.graph());
  context.emplace(types, opsets, &symbols, proto::shape_inference::ModelLocalFunctionsMap(),
                  &schemasWithContrib(), &partialValues, model.ir_version());
}

proto::TypeProto *ShapeWalk::typeOf(const std::string &name) const {
  auto found = types.find(name);
  return found == types.end() ? nullptr : found->second;
}

const SmallTensor *ShapeWalk::valueOf(const std::string &name) const {
  auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

proto::TypeProto &ShapeWalk::define(const std::string &name) {
  const auto [slot, isNew] = types.try_emplace(name, nullptr);
  if (!isNew) {
    values.erase(name);
    constants.erase(name);
    partialValues.erase(name);
  }
  return *(slot->second = &ownedTypes.emplace_back());
}

void ShapeWalk::defineConstant(const proto::TensorProto &tensor) {
  auto &type = *define(tensor.name()).mutable_tensor_type();
  type.set_elem_type(tensor.data_type());
  type.mutable_shape();
  for (int64_t extent : tensor.dims())
    type.mutable_shape()->add_dim()->set_dim_value(extent);
  constants[tensor.name()] = &tensor;
  if (std::optional<SmallTensor> value = readSmallTensor(tensor))
    values.try_emplace(tensor.name(), std::move(*value));
}

void ShapeWalk::record(const ir::Value *value, const proto::TypeProto *type) {
  if (!value || !type || type->value_case() == proto::TypeProto::VALUE_NOT_SET)
    return;
  // An element type of the library's that we do not know stays unknown.
  if (auto known = readType(*type))
    result.types[value] = std::move(*known);
  else
    llvm::consumeError(known.takeError());
}

void ShapeWalk::visitGraph(const ir::Graph &graph, proto::GraphProto &message) {
  // What the model says about values may be about other extents. It serves where inference finds
  // nothing.
  llvm::StringMap<proto::TypeProto> stated;
  for (auto *infos : {&message.value_info(), &message.output()})
    for (const proto::ValueInfoProto &info : *infos) {
      proto::TypeProto type = info.type();
      fixDimensions(type, evaluate);
      stated.try_emplace(info.name(), std::move(type));
    }
  for (const proto::TensorProto &tensor : message.initializer())
    defineConstant(tensor);
  for (const proto::SparseTensorProto &tensor : message.sparse_initializer()) {
    auto &type = *define(tensor.values().name()).mutable_sparse_tensor_type();
    type.set_elem_type(tensor.values().data_type());
    for (int64_t extent : tensor.dims())
      type.mutable_shape()->add_dim()->set_dim_value(extent);
    sparseConstants[tensor.values().name()] = &tensor;
  }
  for (const ir::Value *value : graph.inputs())
    record(value, typeOf(value->name().str()));
  for (const ir::Value *value : graph.initializers())
    record(value, typeOf(value->name().str()));

  int index = 0;
  for (const ir::Node &node : graph.nodes()) {
    proto::NodeProto &nodeMessage = *message.mutable_node(index++);
    visitNode(node, nodeMessage);
    for (const ir::Value *output : node.outputs()) {
      if (!output)
        continue;
      proto::TypeProto *type = typeOf(output->name().str());
      if (auto known = stated.find(output->name()); type && known != stated.end())
        complete(*type, known->second);
      record(output, type);
    }
  }
}

void ShapeWalk::visitNode(const ir::Node &node, proto::NodeProto &message) {
  if (visitControlFlow(node, message))
    return;
  const proto::OpSchema *schema = schemaOf(message);
  infer(message, schema);
  computeValue(message, schema);
}

void ShapeWalk::infer(proto::NodeProto &message, const proto::OpSchema *schema) {
  proto::shape_inference::InferenceContextImpl inference(
      message, types, constants, sparseConstants, InferenceOptions, &partialValues, &*context);
  if (schema)
    // An operator that refuses its inputs leaves its outputs unknown.
    llvm::consumeError(callLibrary("", [&] {
      if (schema->has_type_and_shape_inference_function())
        schema->GetTypeAndShapeInferenceFunction()(inference);
      else if (schema->HasFunction())
        proto::shape_inference::InferShapeForFunctionNode(*schema->GetFunction(),
                                                          &schemasWithContrib(), inference,
                                                          InferenceOptions, {}, &symbols);
    }));
  for (int index = 0; index < message.output_size(); ++index)
    if (const std::string &name = message.output(index); !name.empty())
      define(name) = std::move(*inference.getOutputType(static_cast<size_t>(index)));
}

const proto::OpSchema *ShapeWalk::schemaOf(const proto::NodeProto &message) {
  const std::string domain = domainOf(message.domain());
  auto opset = opsets.find(domain);
  if (opset == opsets.end())
    return nullptr;
  auto [known, isNew] = schemas.try_emplace(domain + ":" + message.op_type(), nullptr);
  if (isNew)
    known->second = schemasWithContrib().GetSchema(message.op_type(), opset->second, domain);
  return known->second;
}

void ShapeWalk::computeValue(proto::NodeProto &message, const proto::OpSchema *schema) {
  if (message.output_size() == 0 || message.output(0).empty())
    return;
  const std::string &name = message.output(0);
  const bool isStandard = domainOf(message.domain()).empty();
  if (isStandard && message.op_type() == "Constant")
    for (const proto::AttributeProto &attribute : message.attribute())
      if (attribute.name() == "value" && attribute.has_t())
        constants[name] = &attribute.t();
  if (!canBePartOfShape(*typeOf(name)))
    return;
  if (isStandard) {
    llvm::SmallVector<const SmallTensor *, 4> inputs;
    llvm::SmallVector<const proto::TypeProto *, 4> inputTypes;
    for (const std::string &input : message.input()) {
      inputs.push_back(valueOf(input));
      inputTypes.push_back(typeOf(input));
    }
    if (std::optional<SmallTensor> value = evaluateSmall({message, inputs, inputTypes})) {
      constants[name] = &ownedConstants.emplace_back(writeSmallTensor(*value));
      values.try_emplace(name, std::move(*value));
      return;
    }
  }
  // A shape of which some extents are known.
  if (schema && schema->has_data_propagation_function())
    llvm::consumeError(callLibrary("", [&] {
      proto::shape_inference::DataPropagationContextImpl propagation(message, types, constants,
                                                                     partialValues);
      schema->GetDataPropagationFunction()(propagation);
    }));
}

} // namespace optrun::onnx

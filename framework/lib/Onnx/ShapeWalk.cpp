// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Calls the library's inference function of each operator, with the values of small tensors. The
/// library's own driver computes hardly any values, so that it loses the shapes behind Range, Where
/// or Expand.

#include "ShapeWalk.h"

#include "ContribSchemas.h"
#include "LibraryCalls.h"
#include "LibraryModel.h"
#include "PayloadCopy.h"
#include "TypeConversion.h"
#include "TypeMessages.h"

#include "optrun/IR/Constants.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"

namespace optrun::onnx {
namespace {

const proto::ShapeInferenceOptions InferenceOptions{/*check_type=*/false, /*strict_mode=*/0,
                                                    /*data_prop=*/true};

/// Integers and conditions; unknown types may be either.
bool canBePartOfShape(const proto::TypeProto *type) {
  if (!type || !type->has_tensor_type())
    return !type;
  switch (type->tensor_type().elem_type()) {
  case proto::TensorProto::INT64:
  case proto::TensorProto::INT32:
  case proto::TensorProto::BOOL:
  case proto::TensorProto::UNDEFINED:
    return true;
  default:
    return false;
  }
}

/// The library takes vectors apart whose values are unknown, whatever length they claim.
bool isShort(const proto::TypeProto *type) {
  if (!type || !type->tensor_type().has_shape() || type->tensor_type().shape().dim_size() != 1)
    return true;
  return type->tensor_type().shape().dim(0).dim_value() <=
         static_cast<int64_t>(SmallTensor::MaxElements);
}

std::string domainOf(llvm::StringRef domain) { return domain == "ai.onnx" ? "" : domain.str(); }

} // namespace

ShapeWalk::ShapeWalk(const ir::Component &component, Evaluate evaluateSymbol)
    : evaluateSymbol(evaluateSymbol), irVersion(component.irVersion) {
  for (const ir::OpsetImport &opset : component.opsets)
    opsets[domainOf(opset.domain)] = static_cast<int>(opset.version);
}

FixedShapes ShapeWalk::take() {
  result.types.reserve(types.size());
  for (const auto &[value, known] : types)
    if (known->type)
      result.types.try_emplace(value, known->type);
  return std::move(result);
}

proto::TypeProto *ShapeWalk::typeOf(const ir::Value *value) const {
  KnownType *known = value ? types.lookup(value) : nullptr;
  return known ? &known->message : nullptr;
}

const SmallTensor *ShapeWalk::valueOf(const ir::Value *value) const {
  auto found = value ? values.find(value) : values.end();
  return found == values.end() ? nullptr : &found->second;
}

NodeMessages::Known ShapeWalk::factsOf(const ir::Value &value) const {
  auto partial = partialValues.find(&value);
  return {typeOf(&value), constants.lookup(&value),
          partial == partialValues.end() ? nullptr : &partial->second};
}

void ShapeWalk::define(const ir::Value &value, const proto::TypeProto &type) {
  if (type.value_case() == proto::TypeProto::VALUE_NOT_SET)
    return;
  encoding.clear();
  type.AppendToString(&encoding);
  const auto [entry, isNew] = distinctTypes.try_emplace(encoding);
  KnownType &known = entry->second;
  if (isNew) {
    known.message = type;
    // An element type of the library's that we do not know stays unknown.
    if (auto converted = readType(type))
      known.type =
          result.distinctTypes.emplace_back(std::make_unique<const ir::Type>(std::move(*converted)))
              .get();
    else
      llvm::consumeError(converted.takeError());
  }
  types[&value] = &known;
}

llvm::Error ShapeWalk::defineConstant(const ir::Value &value, const ir::Tensor &tensor) {
  define(value, messageOf(tensor));
  if (placeForLibrary(tensor, TensorRole::Weight).kind == TensorPlacement::External)
    return llvm::Error::success();
  std::string bytes;
  if (auto error = appendTo(bytes, Encoder(placeForLibrary).tensor(tensor, value.name())))
    return error;
  proto::TensorProto &constant = ownedConstants.emplace_back();
  constant.ParseFromString(bytes);
  constants[&value] = &constant;
  if (std::optional<SmallTensor> small = readSmallTensor(constant))
    values.try_emplace(&value, std::move(*small));
  return llvm::Error::success();
}

/// What the model says about values may be about other extents: it serves where inference finds
/// nothing.
void ShapeWalk::complete(const ir::Value &value) {
  const proto::TypeProto *found = typeOf(&value);
  if (!value.hasValueInfo && !value.isOutput())
    return;
  if (found && hasKnownExtents(*found) &&
      found->tensor_type().elem_type() != proto::TensorProto::UNDEFINED)
    return;
  proto::TypeProto type = found ? *found : proto::TypeProto(), stated = messageOf(value.type());
  fixDimensions(stated, evaluateSymbol);
  takeOver(type, stated);
  define(value, type);
}

llvm::Error ShapeWalk::visitGraph(const ir::Graph &graph) {
  for (const ir::Value *value : graph.initializers()) {
    if (const ir::SparseTensor *sparse = value->sparseTensor())
      define(*value, messageOf(*sparse));
    else if (auto error = defineConstant(*value, *value->tensor()))
      return error;
  }
  for (const ir::Node &node : graph.nodes()) {
    if (auto error = visitNode(node))
      return error;
    for (const ir::Value *output : node.outputs())
      if (output)
        complete(*output);
  }
  return llvm::Error::success();
}

llvm::Error ShapeWalk::visitNode(const ir::Node &node) {
  if (node.isOp("If"))
    return visitIf(node);
  if (node.isOp("Loop"))
    return visitLoop(node);
  const proto::OpSchema *schema = schemaOf(node);
  constexpr int ScanWithoutBatch = 9;
  if (node.isOp("Scan") && schema && schema->SinceVersion() >= ScanWithoutBatch)
    return visitScan(node);
  if (const ir::TensorRef tensor = ir::constantOf(node); tensor && node.output(0))
    return defineConstant(*node.output(0), *tensor);
  auto messages = NodeMessages::make(node, [&](const ir::Value &value) { return factsOf(value); });
  if (!messages)
    return messages.takeError();
  if (schema)
    infer(node, *messages, *schema);
  computeValue(node, *messages, schema);
  return llvm::Error::success();
}

void ShapeWalk::infer(const ir::Node &node, NodeMessages &messages, const proto::OpSchema &schema) {
  std::optional<proto::shape_inference::GraphInferenceContext> graphs;
  if (messages.hasGraphs)
    graphs.emplace(messages.types, opsets, &symbols,
                   proto::shape_inference::ModelLocalFunctionsMap(), &schemasWithContrib(),
                   &messages.partialValues, irVersion);
  proto::shape_inference::InferenceContextImpl inference(
      messages.node, messages.types, messages.constants, messages.sparseConstants, InferenceOptions,
      &messages.partialValues, graphs ? &*graphs : nullptr);
  // An operator that refuses its inputs leaves its outputs unknown.
  llvm::consumeError(callLibrary("", [&] {
    if (schema.has_type_and_shape_inference_function())
      schema.GetTypeAndShapeInferenceFunction()(inference);
    else if (schema.HasFunction())
      proto::shape_inference::InferShapeForFunctionNode(
          *schema.GetFunction(), &schemasWithContrib(), inference, InferenceOptions, {}, &symbols);
  }));
  for (auto [index, output] : llvm::enumerate(node.outputs()))
    if (output)
      define(*output, *inference.getOutputType(index));
}

const proto::OpSchema *ShapeWalk::schemaOf(const ir::Node &node) {
  const std::string domain = domainOf(node.domain());
  llvm::SmallString<64> key(domain);
  key += ':';
  key += node.opType();
  const auto [known, isNew] = schemas.try_emplace(key, nullptr);
  if (!isNew)
    return known->second;
  const std::string name = node.opType().str();
  if (auto opset = opsets.find(domain); opset != opsets.end())
    known->second = schemasWithContrib().GetSchema(name, opset->second, domain);
  // ONNX Runtime registers some of its own operators in ONNX's domain too.
  if (!known->second && domain.empty())
    known->second = schemasWithContrib().GetSchema(name, 1, ContribDomain.str());
  return known->second;
}

bool ShapeWalk::evaluate(const ir::Node &node, const proto::NodeProto &message) {
  llvm::SmallVector<const SmallTensor *, 4> inputs;
  llvm::SmallVector<const proto::TypeProto *, 4> inputTypes;
  for (const ir::Use &use : node.inputs()) {
    inputs.push_back(valueOf(use.value()));
    inputTypes.push_back(typeOf(use.value()));
  }
  std::optional<SmallTensor> value = evaluateSmall({message, inputs, inputTypes});
  if (!value)
    return false;
  constants[node.output(0)] = &ownedConstants.emplace_back(writeSmallTensor(*value));
  values.try_emplace(node.output(0), std::move(*value));
  return true;
}

void ShapeWalk::computeValue(const ir::Node &node, NodeMessages &messages,
                             const proto::OpSchema *schema) {
  const ir::Value *output = node.output(0);
  if (!output || !canBePartOfShape(typeOf(output)))
    return;
  if (node.isOp(node.opType()) && evaluate(node, messages.node))
    return;
  if (!schema || !schema->has_data_propagation_function() ||
      !llvm::all_of(node.inputs(),
                    [&](const ir::Use &use) { return isShort(typeOf(use.value())); }))
    return;
  // A shape of which some extents are known.
  llvm::consumeError(callLibrary("", [&] {
    proto::shape_inference::DataPropagationContextImpl propagation(
        messages.node, messages.types, messages.constants, messages.partialValues);
    schema->GetDataPropagationFunction()(propagation);
  }));
  if (auto found = messages.partialValues.find(output->name().str());
      found != messages.partialValues.end())
    partialValues[output] = std::move(found->second);
}

} // namespace optrun::onnx

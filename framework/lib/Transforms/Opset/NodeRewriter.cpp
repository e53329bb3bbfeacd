// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes nodes, names and small constants.

#include "NodeRewriter.h"

#include "optrun/IR/ElementWriter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

namespace optrun::opset {
namespace {

/// What says where a node comes from.
void inheritOrigin(ir::Node &node, const ir::Node &from) {
  node.metadata = from.metadata;
  node.modulePath = from.modulePath;
}

llvm::SmallVector<ir::Value *> inputsOf(const ir::Node &node) {
  llvm::SmallVector<ir::Value *> inputs;
  for (const ir::Use &use : node.inputs())
    inputs.push_back(use.value());
  return inputs;
}

llvm::Expected<ir::TensorRef> makeTensor(ir::DataType type, ir::Tensor::Dims dims,
                                         std::vector<uint8_t> bytes) {
  return ir::Tensor::create("", type, std::move(dims), ir::makeInlineSource(std::move(bytes)));
}

std::vector<uint8_t> bytesOf(llvm::ArrayRef<int64_t> elements) {
  // Not by an ElementWriter: INT64_MAX, "to the end" in Slice, is no double.
  std::vector<uint8_t> bytes(elements.size() * sizeof(int64_t));
  for (auto [index, element] : llvm::enumerate(elements))
    llvm::support::endian::write64le(&bytes[index * sizeof(int64_t)],
                                     static_cast<uint64_t>(element));
  return bytes;
}

} // namespace

void setAttribute(ir::Node &node, llvm::StringRef name, ir::Attribute::Value value) {
  removeAttribute(node, name);
  node.attributes().emplace_back(name.str(), std::move(value));
}

void removeAttribute(ir::Node &node, llvm::StringRef name) {
  llvm::erase_if(node.attributes(),
                 [&](const ir::Attribute &attribute) { return attribute.name == name; });
}

llvm::Expected<ir::TensorRef> makeVector(llvm::ArrayRef<int64_t> elements) {
  return makeTensor(ir::DataType::Int64, {static_cast<int64_t>(elements.size())},
                    bytesOf(elements));
}

llvm::Expected<ir::TensorRef> makeVector(llvm::ArrayRef<float> elements) {
  ir::ElementWriter writer(ir::DataType::Float32, elements.size());
  for (float element : elements)
    writer.append(element);
  return makeTensor(ir::DataType::Float32, {static_cast<int64_t>(elements.size())}, writer.take());
}

llvm::Expected<ir::TensorRef> makeScalar(int64_t element) {
  return makeTensor(ir::DataType::Int64, {}, bytesOf(element));
}

llvm::Expected<ir::TensorRef> makeScalar(ir::DataType type, double element) {
  if (!ir::ElementWriter::canWrite(type))
    return makeError("the element type of its input is " +
                     (type == ir::DataType::Undefined ? "unknown" : ir::dataTypeName(type)));
  ir::ElementWriter writer(type, 1);
  writer.append(element);
  return makeTensor(type, {}, writer.take());
}

NodeRewriter::NodeRewriter(const ir::Component &component) {
  noteNames(component.graph);
  for (const std::unique_ptr<ir::Function> &function : component.functions)
    noteNames(function->body);
}

void NodeRewriter::noteNames(const ir::Graph &graph) {
  for (const std::unique_ptr<ir::Value> &value : graph.values())
    names.insert(value->name());
  for (const ir::Node &node : graph.nodes()) {
    names.insert(node.name);
    node.forEachSubgraph([&](const ir::Graph &nested) { noteNames(nested); });
  }
}

std::string NodeRewriter::freshName(const ir::Node &node, llvm::StringRef role) {
  const auto *output = llvm::find_if(node.outputs(), [](ir::Value *value) { return value; });
  const llvm::StringRef base = output == node.outputs().end() ? node.name : (*output)->name();
  const std::string wanted = (base + "_" + role).str();
  std::string name = wanted;
  for (unsigned number = 2; !names.insert(name).second; ++number)
    name = wanted + "_" + std::to_string(number);
  return name;
}

llvm::Expected<ir::Node *> NodeRewriter::insert(ir::Node &node, llvm::StringRef opType,
                                                llvm::StringRef role,
                                                llvm::ArrayRef<ir::Value *> inputs, ir::Type type) {
  const std::string name = freshName(node, role);
  llvm::Expected<ir::Value *> output = node.graph().addValue(name, std::move(type));
  if (!output)
    return output.takeError();
  llvm::Expected<ir::Node *> inserted = node.graph().addNode(
      {.opType = opType, .name = name, .inputs = inputs, .outputs = *output}, &node);
  if (inserted)
    inheritOrigin(**inserted, node);
  return inserted;
}

llvm::Expected<ir::Value *> NodeRewriter::insertConstant(ir::Node &node, llvm::StringRef role,
                                                         llvm::Expected<ir::TensorRef> tensor) {
  if (!tensor)
    return tensor.takeError();
  ir::Shape shape;
  for (int64_t extent : (*tensor)->dims())
    shape.push_back({.extent = extent});
  llvm::Expected<ir::Node *> constant =
      insert(node, "Constant", role, {}, ir::Type::tensor((*tensor)->dataType(), shape));
  if (!constant)
    return constant.takeError();
  setAttribute(**constant, "value", std::move(*tensor));
  return (*constant)->output(0);
}

llvm::Expected<ir::Node *> NodeRewriter::replace(ir::Node &node, llvm::StringRef opType,
                                                 llvm::ArrayRef<ir::Value *> inputs) {
  ir::Graph &graph = node.graph();
  const llvm::SmallVector<ir::Value *> outputs(node.outputs());
  graph.releaseOutputs(node);
  llvm::Expected<ir::Node *> made = graph.addNode({.domain = node.domain(),
                                                   .opType = opType,
                                                   .name = std::move(node.name),
                                                   .inputs = inputs,
                                                   .outputs = outputs},
                                                  &node);
  if (!made)
    return made.takeError();
  inheritOrigin(**made, node);
  (*made)->docString = std::move(node.docString);
  (*made)->deviceConfigurations = std::move(node.deviceConfigurations);
  (*made)->attributes() = std::move(node.attributes());
  graph.eraseNode(node);
  return made;
}

llvm::Expected<ir::Node *> NodeRewriter::addInput(ir::Node &node, unsigned index,
                                                  llvm::StringRef role,
                                                  llvm::Expected<ir::TensorRef> tensor) {
  llvm::Expected<ir::Value *> constant = insertConstant(node, role, std::move(tensor));
  if (!constant)
    return constant.takeError();
  llvm::SmallVector<ir::Value *> inputs = inputsOf(node);
  inputs.resize(std::max<size_t>(inputs.size(), index + 1));
  inputs[index] = *constant;
  return replace(node, node.opType(), inputs);
}

} // namespace optrun::opset

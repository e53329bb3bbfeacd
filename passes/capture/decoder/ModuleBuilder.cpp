// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes a graph module by module. What the IR could refuse (a name twice, two producers) is a
/// mistake here, not in a checkpoint: names of weights are those that were asked for.

#include "decoder/ModuleBuilder.h"

#include "llvm/ADT/StringExtras.h"

#include <cstring>

namespace optrun::decoder {
namespace {

ir::Attribute makeAttribute(const NewAttribute &attribute) {
  return std::visit([&](const auto &value) { return ir::Attribute(attribute.name.str(), value); },
                    attribute.value);
}

/// As PyTorch's exporter writes it, a Python list: ['', 'model', 'model.norm', 'Mul'].
std::string nameScopes(llvm::ArrayRef<std::string> modules, llvm::StringRef op) {
  std::string text = "['', ", path;
  for (llvm::StringRef module : modules) {
    path += (path.empty() ? "" : ".") + module.str();
    text += "'" + path + "', ";
  }
  return text + "'" + op.str() + "']";
}

template <typename T> std::vector<uint8_t> bytesOf(llvm::ArrayRef<T> elements) {
  std::vector<uint8_t> bytes(elements.size() * sizeof(T));
  if (!bytes.empty())
    std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

/// Enough digits that different numbers have different names.
std::string printed(double number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", number);
  return text;
}

ir::Type tensorType(ir::DataType type, llvm::ArrayRef<int64_t> dims) {
  ir::Shape shape(dims.size());
  for (size_t axis = 0; axis < dims.size(); ++axis)
    shape[axis].extent = dims[axis];
  return ir::Type::tensor(type, std::move(shape));
}

} // namespace

ModuleBuilder::Scope ModuleBuilder::enter(llvm::StringRef module) {
  const size_t depth = modules.size();
  for (llvm::StringRef part : llvm::split(module, '.'))
    if (llvm::all_of(part, llvm::isDigit) && !part.empty() && !modules.empty())
      modules.back() += "." + part.str(); // a member belongs to its list: "layers.0"
    else if (!part.empty())
      modules.push_back(part.str());
  return Scope(*this, depth);
}

std::string ModuleBuilder::modulePath() const { return llvm::join(modules, "."); }

/// As the TorchScript exporter does: "/model/layers.0/self_attn/q_proj/Gemm".
std::string ModuleBuilder::uniqueNodeName(llvm::StringRef op) {
  std::string name;
  for (const std::string &module : modules)
    name += "/" + module;
  name += "/" + op.str();
  const unsigned earlier = nodeCounts[name]++;
  return earlier == 0 ? name : name + "_" + std::to_string(earlier);
}

ir::Node &ModuleBuilder::addNode(llvm::StringRef domain, llvm::StringRef op, unsigned outputs,
                                 llvm::ArrayRef<ir::Value *> inputs,
                                 llvm::ArrayRef<NewAttribute> attributes) {
  const std::string name = uniqueNodeName(op);
  llvm::SmallVector<ir::Value *, 3> results;
  for (unsigned output = 0; output < outputs; ++output)
    results.push_back(
        llvm::cantFail(component.graph.addValue(name + "_output_" + std::to_string(output))));
  ir::Node &node = *llvm::cantFail(component.graph.addNode(
      {.domain = domain, .opType = op, .name = name, .inputs = inputs, .outputs = results}));
  for (const NewAttribute &attribute : attributes)
    node.attributes().push_back(makeAttribute(attribute));
  node.modulePath = modulePath();
  node.metadata.emplace_back("pkg.torch.onnx.name_scopes", nameScopes(modules, op));
  return node;
}

llvm::SmallVector<ir::Value *, 3> ModuleBuilder::add(llvm::StringRef op, unsigned outputs,
                                                     llvm::ArrayRef<ir::Value *> inputs,
                                                     llvm::ArrayRef<NewAttribute> attributes) {
  ir::Node &node = addNode("", op, outputs, inputs, attributes);
  llvm::SmallVector<ir::Value *, 3> results;
  for (unsigned output = 0; output < outputs; ++output)
    results.push_back(node.output(output));
  return results;
}

ir::Value *ModuleBuilder::addMicrosoft(llvm::StringRef op, llvm::ArrayRef<ir::Value *> inputs,
                                       llvm::ArrayRef<NewAttribute> attributes) {
  constexpr llvm::StringLiteral Microsoft = "com.microsoft";
  if (!component.opsetVersion(Microsoft))
    component.opsets.push_back({Microsoft.str(), 1});
  return addNode(Microsoft, op, 1, inputs, attributes).output(0);
}

ir::Value *ModuleBuilder::add(llvm::StringRef op, llvm::ArrayRef<ir::Value *> inputs,
                              llvm::ArrayRef<NewAttribute> attributes) {
  return add(op, 1, inputs, attributes).front();
}

ir::Value *ModuleBuilder::input(llvm::StringRef name, ir::DataType type, ir::Shape shape) {
  ir::Value *value =
      llvm::cantFail(component.graph.addValue(name, ir::Type::tensor(type, std::move(shape))));
  component.graph.markInput(*value);
  return value;
}

void ModuleBuilder::output(ir::Value &value, llvm::StringRef name, ir::DataType type,
                           ir::Shape shape) {
  llvm::cantFail(component.graph.renameValue(value, name));
  value.setType(ir::Type::tensor(type, std::move(shape)));
  component.graph.markOutput(value);
}

ir::Value *ModuleBuilder::storedWeight(llvm::StringRef parameter, ir::Tensor::Dims dims) {
  const std::string path = modulePath() + "." + parameter.str(), name = weights.nameOf(path);
  if (ir::Value *earlier = component.graph.findValue(name))
    return earlier; // tied
  ir::Value *value = llvm::cantFail(component.graph.addValue(name));
  // Without it, building goes on: the component is dropped once all problems are known.
  if (ir::TensorRef tensor = weights.take(path, dims)) {
    value->setType(tensorType(tensor->dataType(), dims));
    component.graph.setInitializer(*value, std::move(tensor));
  }
  return value;
}

ir::Value *ModuleBuilder::initializer(const ir::TensorRef &tensor) {
  if (!tensor)
    return nullptr;
  if (ir::Value *earlier = component.graph.findValue(tensor->name()))
    return earlier; // tied
  ir::Value *value = llvm::cantFail(
      component.graph.addValue(tensor->name(), tensorType(tensor->dataType(), tensor->dims())));
  component.graph.setInitializer(*value, tensor);
  return value;
}

Matrix ModuleBuilder::matrix(llvm::StringRef parameter, int64_t out, int64_t in, bool inputsFirst) {
  Matrix result{.out = out, .in = in, .inputsFirst = inputsFirst};
  const std::string path = modulePath() + "." + parameter.str();
  if (std::optional<PackedWeight> packed = weights.takePacked(path, out, in, inputsFirst)) {
    result.bits = packed->bits;
    result.zero = packed->zero;
    result.quants = initializer(packed->quants);
    result.scales = initializer(packed->scales);
    result.minimums = initializer(packed->minimums);
  } else {
    result.values = storedWeight(parameter, inputsFirst ? ir::Tensor::Dims{in, out}
                                                        : ir::Tensor::Dims{out, in});
  }
  return result;
}

ir::Value *ModuleBuilder::constant(std::string name, ir::DataType type, ir::Tensor::Dims dims,
                                   std::vector<uint8_t> bytes) {
  if (ir::Value *earlier = component.graph.findValue(name))
    return earlier;
  ir::Value *value = llvm::cantFail(component.graph.addValue(name, tensorType(type, dims)));
  component.graph.setInitializer(
      *value, llvm::cantFail(ir::Tensor::create(name, type, std::move(dims),
                                                ir::makeInlineSource(std::move(bytes)))));
  return value;
}

ir::Value *ModuleBuilder::integers(llvm::ArrayRef<int64_t> elements) {
  std::string name = "/constants/int64/[";
  name += llvm::join(
      llvm::map_range(elements, [](int64_t element) { return std::to_string(element); }), ",");
  return constant(name + "]", ir::DataType::Int64, {static_cast<int64_t>(elements.size())},
                  bytesOf(elements));
}

ir::Value *ModuleBuilder::integer(int64_t element) {
  return constant("/constants/int64/" + std::to_string(element), ir::DataType::Int64, {},
                  bytesOf(llvm::ArrayRef(element)));
}

ir::Value *ModuleBuilder::byte(uint8_t element) {
  return constant("/constants/uint8/" + std::to_string(element), ir::DataType::UInt8, {},
                  {element});
}

ir::Value *ModuleBuilder::zeroBytes(llvm::ArrayRef<int64_t> dims) {
  std::string name = "/constants/uint8/zeros";
  size_t count = 1;
  for (int64_t dim : dims) {
    name += "/" + std::to_string(dim);
    count *= static_cast<size_t>(dim);
  }
  return constant(name, ir::DataType::UInt8, ir::Tensor::Dims(dims), std::vector<uint8_t>(count));
}

ir::Value *ModuleBuilder::floats(llvm::StringRef name, llvm::ArrayRef<float> elements) {
  return constant(modulePath() + "." + name.str(), ir::DataType::Float32,
                  {static_cast<int64_t>(elements.size())}, bytesOf(elements));
}

ir::Value *ModuleBuilder::number(double element, ir::DataType type) {
  const auto single = static_cast<float>(element);
  std::vector<uint8_t> bytes = bytesOf(llvm::ArrayRef(single));
  if (type != ir::DataType::Float32) {
    const ir::TensorSourceRef source = llvm::cantFail(
        ir::makeCastSource(ir::makeInlineSource(std::move(bytes)), ir::DataType::Float32, type));
    bytes.assign(source->byteSize(), 0);
    llvm::cantFail(source->read(0, bytes)); // from memory
  }
  return constant("/constants/" + ir::dataTypeName(type).str() + "/" + printed(single), type, {},
                  std::move(bytes));
}

ir::Value *ModuleBuilder::cast(ir::Value *value, ir::DataType from, ir::DataType to) {
  if (from == to)
    return value;
  return add("Cast", {value}, {{"to", static_cast<int64_t>(to)}});
}

} // namespace optrun::decoder

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Edits graphs. What the IR could refuse (a name twice) cannot happen: names are new.

#include "optrun/Transforms/ComponentEditor.h"

#include "optrun/IR/ElementWriter.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun {
namespace {

void collectNames(const ir::Graph &graph, llvm::StringSet<> &names) {
  for (const std::unique_ptr<ir::Value> &value : graph.values())
    names.insert(value->name());
  for (const ir::Node &node : graph.nodes()) {
    names.insert(node.name);
    node.forEachSubgraph([&](ir::Graph &nested) { collectNames(nested, names); });
  }
}

void eraseUnusedConstantsOf(ir::Graph &graph) {
  graph.eraseUnusedInitializers();
  for (ir::Node &node : graph.nodes())
    node.forEachSubgraph([](ir::Graph &nested) { eraseUnusedConstantsOf(nested); });
}

} // namespace

ir::Type tensorType(ir::DataType type, llvm::ArrayRef<int64_t> dims) {
  ir::Shape shape(dims.size());
  for (size_t axis = 0; axis < dims.size(); ++axis)
    shape[axis].extent = dims[axis];
  return ir::Type::tensor(type, std::move(shape));
}

ComponentEditor::ComponentEditor(ir::Component &component)
    : component(component), functionsBefore(component.functions.size()) {
  collectNames(component.graph, names);
}

void ComponentEditor::define(std::unique_ptr<ir::Function> function) {
  auto nameOf = [](const ir::Function &each) {
    return std::tie(each.domain, each.name, each.overload);
  };
  if (component.findFunction(function->domain, function->name, function->overload))
    return;
  const auto behind =
      std::find_if(component.functions.begin() + functionsBefore, component.functions.end(),
                   [&](const auto &each) { return nameOf(*function) < nameOf(*each); });
  component.functions.insert(behind, std::move(function));
}

std::string ComponentEditor::uniqueName(const std::string &base) {
  std::string name = base;
  for (unsigned suffix = 1; !names.insert(name).second; ++suffix)
    name = base + "_" + std::to_string(suffix);
  return name;
}

ir::Value *ComponentEditor::constant(const ir::TensorRef &tensor, ir::Graph &graph) {
  ir::Value *&known = constants[{tensor.get(), &graph}];
  if (known)
    return known;
  const std::string name = uniqueName(tensor->name().str());
  known = llvm::cantFail(graph.addValue(name, tensorType(tensor->dataType(), tensor->dims())));
  graph.setInitializer(*known, tensor->name() == name ? tensor : tensor->renamed(name));
  return known;
}

ir::Value *ComponentEditor::integers(llvm::ArrayRef<int64_t> elements) {
  ir::Value *&known = lists[elements.vec()];
  if (known)
    return known;
  ir::ElementWriter writer(ir::DataType::Int64, elements.size());
  std::string name = "integers";
  for (int64_t element : elements) {
    writer.append(static_cast<double>(element));
    name += "_" + std::to_string(element);
  }
  known = constant(llvm::cantFail(ir::Tensor::create(name, ir::DataType::Int64,
                                                     {static_cast<int64_t>(elements.size())},
                                                     ir::makeInlineSource(writer.take()))),
                   component.graph);
  return known;
}

std::string ComponentEditor::nameFor(const NewNode &spec, const ir::Node &place) {
  const std::string of = place.name.empty() ? place.output(0)->name().str() : place.name;
  return uniqueName(of + "/" + spec.op.str());
}

ir::Node &ComponentEditor::insert(const NewNode &spec, const ir::Node &like, std::string name,
                                  llvm::ArrayRef<ir::Value *> outputs, ir::Node *before) {
  if (!spec.domain.empty() && !component.opsetVersion(spec.domain))
    component.opsets.push_back({spec.domain.str(), 1});
  ir::Node &node = *llvm::cantFail(outputs.front()->graph().addNode({.domain = spec.domain,
                                                                     .opType = spec.op,
                                                                     .overload = spec.overload,
                                                                     .name = std::move(name),
                                                                     .inputs = spec.inputs,
                                                                     .outputs = outputs},
                                                                    before));
  for (const NewAttribute &attribute : spec.attributes)
    std::visit(
        [&](const auto &value) { node.attributes().emplace_back(attribute.name.str(), value); },
        attribute.value);
  node.modulePath = like.modulePath;
  node.metadata = like.metadata;
  node.deviceConfigurations = like.deviceConfigurations;
  return node;
}

ir::Value *ComponentEditor::add(const NewNode &spec, Place place) {
  ir::Node *before = &place.user;
  while (&before->graph() != &place.graph)
    before = before->graph().parentNode();
  const std::string name = nameFor(spec, place.user);
  ir::Value *output =
      llvm::cantFail(place.graph.addValue(uniqueName(name + "_output_0"), spec.type));
  insert(spec, place.user, name, output, before);
  return output;
}

llvm::SmallVector<ir::Value *, 3> ComponentEditor::addBehind(ir::Value &operand,
                                                             const NewNode &spec,
                                                             llvm::ArrayRef<ir::Type> types,
                                                             ir::Node &user) {
  ir::Graph &graph = operand.graph();
  const std::string name = nameFor(spec, user);
  llvm::SmallVector<ir::Value *, 3> outputs;
  for (const auto &[index, type] : llvm::enumerate(types))
    outputs.push_back(llvm::cantFail(
        graph.addValue(uniqueName(name + "_output_" + std::to_string(index)), type)));
  auto behind =
      operand.producer() ? std::next(operand.producer()->getIterator()) : graph.nodes().begin();
  added[&operand].push_back(
      &insert(spec, user, name, outputs, behind == graph.nodes().end() ? nullptr : &*behind));
  return outputs;
}

const ir::Node *ComponentEditor::findBehind(const ir::Value &operand, llvm::StringRef op) const {
  const auto found = added.find(&operand);
  if (found == added.end())
    return nullptr;
  const auto *node =
      llvm::find_if(found->second, [&](const ir::Node *each) { return each->isOp(op); });
  return node == found->second.end() ? nullptr : *node;
}

ir::Value *ComponentEditor::cast(ir::Value *value, ir::DataType from, ir::DataType to,
                                 Place place) {
  if (from == to)
    return value;
  return add({.op = "Cast",
              .inputs = {value},
              .attributes = {{"to", static_cast<int64_t>(to)}},
              .type = ir::Type::tensor(to, value->type().shape())},
             place);
}

void ComponentEditor::replace(ir::Node &replaced, const NewNode &spec) {
  llvm::SmallVector<ir::Value *, 4> operands;
  for (const ir::Use &use : replaced.inputs())
    operands.push_back(use.value());
  ir::Value *output = replaced.output(0);
  ir::Graph &graph = replaced.graph();
  graph.releaseOutputs(replaced);
  ir::Node &node = insert(spec, replaced, replaced.name, output, &replaced);
  node.docString = replaced.docString;
  graph.eraseNode(replaced);
  for (ir::Value *operand : operands)
    eraseProducers(operand);
}

void ComponentEditor::setOperand(ir::Node &node, unsigned operand, ir::Value *value) {
  ir::Value *before = node.input(operand);
  node.setInput(operand, value);
  eraseProducers(before);
}

void ComponentEditor::eraseProducers(ir::Value *value) {
  while (value && value->producer() && !value->hasUses() && !value->isOutput() &&
         !value->isNestedOutput() && value->producer()->outputs().size() == 1) {
    ir::Node &producer = *value->producer();
    value = producer.input(0); // constants come through nodes of one operand
    producer.graph().eraseNode(producer);
  }
}

void ComponentEditor::eraseUnusedConstants() { eraseUnusedConstantsOf(component.graph); }

} // namespace optrun

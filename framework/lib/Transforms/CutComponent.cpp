// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Builds the components of a partition.

#include "PartLayout.h"

namespace optrun {
namespace {

/// What a reader of a component must know about a value that comes from another one.
bool isKnown(const ir::Type &type) {
  switch (type.kind()) {
  case ir::Type::Kind::Unknown:
    return false;
  case ir::Type::Kind::Tensor:
  case ir::Type::Kind::SparseTensor:
    return type.elementType() != ir::DataType::Undefined;
  case ir::Type::Kind::Sequence:
  case ir::Type::Kind::Optional:
  case ir::Type::Kind::Map:
    return type.nested() && isKnown(*type.nested());
  case ir::Type::Kind::Opaque:
    return true;
  }
  return false;
}

class PartBuilder {
public:
  PartBuilder(const ir::Component &source, const Dataflow &flow, const PartLayout &layout)
      : source(source), flow(flow), layout(layout), target(std::make_unique<ir::Component>()),
        graph(target->graph) {}

  llvm::Expected<std::unique_ptr<ir::Component>> build(llvm::StringRef name, bool onlyPart) {
    target->name = name;
    copyHeader(onlyPart);
    if (llvm::Error error = addInputs())
      return error;
    if (llvm::Error error = addInitializers())
      return error;
    if (llvm::Error error = addNodes())
      return error;
    if (llvm::Error error = addOutputs())
      return error;
    for (const ir::Function *function : layout.functions) {
      llvm::Expected<std::unique_ptr<ir::Function>> copy = ir::cloneFunction(*function);
      if (!copy)
        return copy.takeError();
      target->functions.push_back(std::move(*copy));
    }
    return std::move(target);
  }

private:
  void copyHeader(bool onlyPart) {
    target->irVersion = source.irVersion;
    target->opsets = source.opsets;
    target->producerName = source.producerName;
    target->producerVersion = source.producerVersion;
    target->domain = source.domain;
    target->docString = source.docString;
    target->modelVersion = source.modelVersion;
    target->metadata = source.metadata;
    target->deviceConfigurations = source.deviceConfigurations;
    if (onlyPart)
      target->trainingInfo = source.trainingInfo;
    graph.name = source.graph.name;
    graph.docString = source.graph.docString;
    graph.metadata = source.graph.metadata;
  }

  llvm::Expected<ir::Value *> addValue(const ir::Value &value) {
    llvm::Expected<ir::Value *> copy = graph.addValue(value.name().str(), value.type());
    if (!copy)
      return copy.takeError();
    (*copy)->docString = value.docString;
    (*copy)->metadata = value.metadata;
    (*copy)->quantizationAnnotation = value.quantizationAnnotation;
    (*copy)->hasValueInfo = value.hasValueInfo;
    copyOf[&value] = *copy;
    return *copy;
  }

  llvm::Error addInputs() {
    for (const ir::Value *input : layout.inputs) {
      llvm::Expected<ir::Value *> copy = addValue(*input);
      if (!copy)
        return copy.takeError();
      graph.markInput(**copy);
    }
    for (const ir::Value *value : layout.received) {
      if (!isKnown(value->type()))
        return llvm::createStringError(
            std::errc::invalid_argument,
            "'%s', a result of %s, passes from one component to another, but its element type is "
            "unknown and shape inference cannot find it; describe it in the model's value_info or "
            "cut elsewhere",
            value->name().str().c_str(), describeNode(*value->producer()).c_str());
      llvm::Expected<ir::Value *> copy = addValue(*value);
      if (!copy)
        return copy.takeError();
      graph.markInput(**copy);
    }
    return llvm::Error::success();
  }

  llvm::Error addInitializers() {
    for (const ir::Value *initializer : layout.initializers) {
      ir::Value *copy = copyOf.lookup(initializer); // an input whose default it is
      if (!copy) {
        llvm::Expected<ir::Value *> added = addValue(*initializer);
        if (!added)
          return added.takeError();
        copy = *added;
      }
      if (const ir::SparseTensor *sparse = initializer->sparseTensor())
        graph.setSparseInitializer(*copy, *sparse);
      else
        graph.setInitializer(*copy, initializer->tensor());
    }
    return llvm::Error::success();
  }

  llvm::Error addNodes() {
    auto mapInput = [&](ir::Value &value) { return find(value); };
    auto mapOutput = [&](ir::Value &value) { return addValue(value); };
    for (uint32_t index : layout.nodes)
      if (llvm::Error error =
              ir::cloneNode(flow.node(index), graph, mapInput, mapOutput).takeError())
        return error;
    return llvm::Error::success();
  }

  llvm::Error addOutputs() {
    for (const std::vector<ir::Value *> *outputs : {&layout.outputs, &layout.handedOn})
      for (ir::Value *output : *outputs) {
        llvm::Expected<ir::Value *> copy = find(*output);
        if (!copy)
          return copy.takeError();
        graph.markOutput(**copy);
      }
    return llvm::Error::success();
  }

  llvm::Expected<ir::Value *> find(ir::Value &value) {
    if (ir::Value *copy = copyOf.lookup(&value))
      return copy;
    return llvm::createStringError(std::errc::invalid_argument,
                                   "component '%s' uses '%s', which nothing gives it",
                                   target->name.c_str(), value.name().str().c_str());
  }

  const ir::Component &source;
  const Dataflow &flow;
  const PartLayout &layout;
  std::unique_ptr<ir::Component> target;
  ir::Graph &graph;
  llvm::DenseMap<const ir::Value *, ir::Value *> copyOf;
};

} // namespace

llvm::Expected<std::vector<std::unique_ptr<ir::Component>>>
cutComponent(const ir::Component &component, const Partition &partition,
             llvm::ArrayRef<std::string> names) {
  llvm::Expected<Dataflow> flow = Dataflow::build(component.graph);
  if (!flow)
    return flow.takeError();
  return cutComponent(component, *flow, partition, names);
}

llvm::Expected<std::vector<std::unique_ptr<ir::Component>>>
cutComponent(const ir::Component &component, const Dataflow &flow, const Partition &partition,
             llvm::ArrayRef<std::string> names) {
  if (names.size() != partition.parts)
    return llvm::createStringError(std::errc::invalid_argument, "%zu names for %u parts",
                                   names.size(), partition.parts);
  llvm::Expected<std::vector<PartLayout>> layouts = layOutParts(component, flow, partition);
  if (!layouts)
    return layouts.takeError();

  std::vector<std::unique_ptr<ir::Component>> components;
  components.reserve(partition.parts);
  for (uint32_t part = 0; part < partition.parts; ++part) {
    const PartLayout &layout = (*layouts)[part];
    if (partition.parts > 1 && layout.nodes.empty())
      return llvm::createStringError(std::errc::invalid_argument,
                                     "component '%s' would have no nodes", names[part].c_str());
    if (partition.parts > 1 && layout.outputs.empty() && layout.handedOn.empty())
      return llvm::createStringError(std::errc::invalid_argument,
                                     "component '%s' would have no outputs: nothing uses the "
                                     "results of %s and those beside it",
                                     names[part].c_str(),
                                     describeNode(flow.node(layout.nodes.back())).c_str());
    llvm::Expected<std::unique_ptr<ir::Component>> built =
        PartBuilder(component, flow, layout).build(names[part], partition.parts == 1);
    if (!built)
      return built.takeError();
    components.push_back(std::move(*built));
  }
  return components;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The ONNX library's shape inference on a component; what it finds is taken over into the IR.

#include "ContribSchemas.h"
#include "FunctionCalls.h"
#include "LibraryCalls.h"
#include "LibraryModel.h"
#include "RankInference.h"
#include "StatedShapes.h"
#include "TypeConversion.h"

#include "optrun/Onnx/Checks.h"

#include "llvm/ADT/STLExtras.h"

#include <onnx/shape_inference/implementation.h>

namespace optrun::onnx {

namespace {

/// True when merged() has nothing to add to \p type.
bool isComplete(const ir::Type &type) {
  using Kind = ir::Type::Kind;
  if (type.kind() != Kind::Tensor && type.kind() != Kind::SparseTensor)
    return type.kind() != Kind::Unknown;
  return type.shape() && llvm::all_of(*type.shape(), [](const ir::Dimension &dimension) {
           return dimension.extent || !dimension.symbol.empty();
         });
}

bool isComplete(const ir::Graph &graph) {
  for (const auto &value : graph.values())
    if (!value->isInitializer() && !isComplete(value->type()))
      return false;
  bool complete = true;
  for (const ir::Node &node : graph.nodes())
    node.forEachSubgraph([&](const ir::Graph &inner) { complete &= isComplete(inner); });
  return complete;
}

/// Fills in what \p known leaves open. What it says stays.
ir::Type merged(ir::Type known, const ir::Type &inferred) {
  using Kind = ir::Type::Kind;
  if (known.kind() == Kind::Unknown) {
    ir::Type type = inferred;
    type.denotation = known.denotation;
    return type;
  }
  bool hasShape = known.kind() == Kind::Tensor || known.kind() == Kind::SparseTensor;
  if (known.kind() != inferred.kind() || !hasShape || !inferred.shape())
    return known;
  if (!known.shape()) {
    known.setShape(inferred.shape());
    return known;
  }
  if (known.shape()->size() != inferred.shape()->size())
    return known;
  ir::Shape shape = *known.shape();
  bool changed = false;
  for (auto [dimension, found] : llvm::zip_equal(shape, *inferred.shape())) {
    if (dimension.extent || !dimension.symbol.empty())
      continue;
    dimension.extent = found.extent;
    dimension.symbol = found.symbol;
    changed = true;
  }
  if (changed)
    known.setShape(std::move(shape));
  return known;
}

void takeOver(ir::Graph &graph, const proto::GraphProto &inferred);

void takeOver(ir::Graph &graph,
              const google::protobuf::RepeatedPtrField<proto::ValueInfoProto> &infos) {
  for (const proto::ValueInfoProto &info : infos) {
    ir::Value *value = graph.findValue(info.name());
    if (!value)
      continue;
    // An element type of the library's that we do not know stays unknown.
    if (auto type = readType(info.type()))
      value->setType(merged(value->type(), *type));
    else
      llvm::consumeError(type.takeError());
  }
}

void takeOver(ir::Node &node, const proto::NodeProto &inferred) {
  std::vector<const proto::GraphProto *> graphs;
  for (const proto::AttributeProto &attribute : inferred.attribute()) {
    if (attribute.has_g())
      graphs.push_back(&attribute.g());
    for (const proto::GraphProto &graph : attribute.graphs())
      graphs.push_back(&graph);
  }
  size_t index = 0;
  node.forEachSubgraph([&](ir::Graph &graph) { takeOver(graph, *graphs[index++]); });
}

/// \p inferred was made from \p graph: the nodes are the same in the same order.
void takeOver(ir::Graph &graph, const proto::GraphProto &inferred) {
  takeOver(graph, inferred.value_info());
  takeOver(graph, inferred.input());
  takeOver(graph, inferred.output());
  int index = 0;
  for (ir::Node &node : graph.nodes())
    takeOver(node, inferred.node(index++));
}

void runInference(proto::ModelProto &model) {
  const proto::ShapeInferenceOptions options(/*check_type=*/false, /*strict_mode=*/0,
                                             /*data_prop=*/true);
  proto::shape_inference::DataValueMap knownValues;
  proto::shape_inference::InferShapes(model, &schemasWithContrib(), options, &knownValues);
}

llvm::Error correctStatements(ir::Component &component, const std::string &what,
                              std::vector<std::string> *warnings) {
  auto model = makeLibraryModel(component);
  if (!model)
    return model.takeError();
  dropStatedShapes(component.graph, *(*model)->mutable_graph());
  if (auto error = callLibrary(what, [&] { runInference(**model); }))
    return error;
  std::vector<std::string> corrections;
  correctStatedShapes(component.graph, (*model)->graph(), corrections);
  if (warnings)
    llvm::append_range(*warnings, corrections);
  return llvm::Error::success();
}

} // namespace

llvm::Error inferShapes(ir::Component &component, std::vector<std::string> *warnings) {
  // Some exporters state every shape, and the library takes longer than all else in reading a
  // model.
  if (isComplete(component.graph))
    return llvm::Error::success();
  // Readers refuse such functions, but passes make components too.
  if (auto error = checkFunctionCalls(component))
    return error;
  const std::string what =
      "shape inference on " +
      (component.name.empty() ? "the model" : "component '" + component.name + "'") + " failed";
  if (statesExtents(component.graph))
    if (auto error = correctStatements(component, what, warnings))
      return error;
  auto model = makeLibraryModel(component);
  if (!model)
    return model.takeError();
  auto error = callLibrary(what, [&] {
    // Each round finds what follows from the ranks of the one before. Models that need a second one
    // are rare.
    constexpr int MaxRounds = 8;
    for (int round = 0; round < MaxRounds; ++round) {
      runInference(**model);
      if (!inferRanks(*(*model)->mutable_graph()))
        break;
    }
  });
  if (error)
    return error;
  takeOver(component.graph, (*model)->graph());
  return llvm::Error::success();
}

} // namespace optrun::onnx

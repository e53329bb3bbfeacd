// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A walk over the nodes of a graph in order that knows the types of values and computes small
/// ones.

#ifndef OPTRUN_LIB_ONNX_SHAPEWALK_H
#define OPTRUN_LIB_ONNX_SHAPEWALK_H

#include "SmallTensor.h"

#include "optrun/Onnx/FixedShapes.h"

#include "llvm/ADT/StringMap.h"

#include <deque>
#include <onnx/shape_inference/implementation.h>

namespace optrun::onnx {

/// The graphs that it is given as protobuf messages and as IR are the same: nodes in the same
/// order. Names of nested graphs are in one table with those around them; what a graph defines is
/// defined anew, so that branches may use the same names.
class ShapeWalk {
public:
  using Evaluate = llvm::function_ref<std::optional<int64_t>(llvm::StringRef)>;

  /// \p model serves as the library's working copy. Its inputs have the shapes to start from.
  ShapeWalk(proto::ModelProto &model, Evaluate evaluate);

  void run(const ir::Graph &graph) { visitGraph(graph, *model.mutable_graph()); }
  FixedShapes take() { return std::move(result); }

private:
  // The types of the graph's inputs are there.
  void visitGraph(const ir::Graph &graph, proto::GraphProto &message);
  void visitNode(const ir::Node &node, proto::NodeProto &message);
  void infer(proto::NodeProto &message, const proto::OpSchema *schema);
  void computeValue(proto::NodeProto &message, const proto::OpSchema *schema);

  // In ControlFlowShapes.cpp. False when the node is none of these.
  bool visitControlFlow(const ir::Node &node, proto::NodeProto &message);
  void visitIf(const ir::Node &node, proto::NodeProto &message);
  void visitLoop(const ir::Node &node, proto::NodeProto &message);
  void visitScan(const ir::Node &node, proto::NodeProto &message);

  const proto::OpSchema *schemaOf(const proto::NodeProto &message);
  proto::TypeProto *typeOf(const std::string &name) const;
  const SmallTensor *valueOf(const std::string &name) const;
  /// Forgets what was known under this name.
  proto::TypeProto &define(const std::string &name);
  void define(const std::string &name, const proto::TypeProto &type) { define(name) = type; }
  void defineConstant(const proto::TensorProto &tensor);
  void record(const ir::Value *value, const proto::TypeProto *type);

  proto::ModelProto &model;
  Evaluate evaluate;
  FixedShapes result;

  proto::shape_inference::SymbolTableImpl symbols;
  std::unordered_map<std::string, int> opsets;
  llvm::StringMap<const proto::OpSchema *> schemas;
  llvm::StringMap<SmallTensor> values;
  std::deque<proto::TypeProto> ownedTypes;
  std::deque<proto::TensorProto> ownedConstants;
  // As the library wants them.
  proto::shape_inference::DataValueMap partialValues;
  std::unordered_map<std::string, proto::TypeProto *> types;
  std::unordered_map<std::string, const proto::TensorProto *> constants;
  std::unordered_map<std::string, const proto::SparseTensorProto *> sparseConstants;
  std::optional<proto::shape_inference::GraphInferenceContext> context;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_SHAPEWALK_H

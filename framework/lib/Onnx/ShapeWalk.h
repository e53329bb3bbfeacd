// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A walk over the nodes of a graph in order that knows the types of values and computes small
/// ones.

#ifndef OPTRUN_LIB_ONNX_SHAPEWALK_H
#define OPTRUN_LIB_ONNX_SHAPEWALK_H

#include "NodeMessages.h"
#include "SmallTensor.h"

#include "optrun/Onnx/FixedShapes.h"

#include "llvm/ADT/StringMap.h"

#include <deque>
#include <onnx/shape_inference/implementation.h>

namespace optrun::onnx {

/// Nothing of the size of the graph is made in the library's messages: each node is one while it is
/// looked at, and types that are equal are one.
class ShapeWalk {
public:
  using Evaluate = llvm::function_ref<std::optional<int64_t>(llvm::StringRef)>;

  ShapeWalk(const ir::Component &component, Evaluate evaluateSymbol);

  void define(const ir::Value &value, const proto::TypeProto &type);
  /// The types of the graph's inputs are there. An error when a constant cannot be read.
  llvm::Error visitGraph(const ir::Graph &graph);
  FixedShapes take();

private:
  struct KnownType {
    proto::TypeProto message;
    const ir::Type *type = nullptr; // null when it is none that we know
  };

  llvm::Error visitNode(const ir::Node &node);
  void infer(const ir::Node &node, NodeMessages &messages, const proto::OpSchema &schema);
  void computeValue(const ir::Node &node, NodeMessages &messages, const proto::OpSchema *schema);
  bool evaluate(const ir::Node &node, const proto::NodeProto &message);
  llvm::Error defineConstant(const ir::Value &value, const ir::Tensor &tensor);
  void complete(const ir::Value &value);

  // In ControlFlowShapes.cpp.
  llvm::Error visitIf(const ir::Node &node);
  llvm::Error visitLoop(const ir::Node &node);
  llvm::Error visitScan(const ir::Node &node);
  void defineOptional(const ir::Value *value, const proto::TypeProto *type);
  std::optional<int64_t> iterationsOf(const ir::Node &loop, const ir::Value *next) const;
  /// The only element of a value that has been computed.
  std::optional<int64_t> numberOf(const ir::Value *value) const;

  const proto::OpSchema *schemaOf(const ir::Node &node);
  /// Null when it is unknown.
  proto::TypeProto *typeOf(const ir::Value *value) const;
  const SmallTensor *valueOf(const ir::Value *value) const;
  NodeMessages::Known factsOf(const ir::Value &value) const;

  Evaluate evaluateSymbol;
  const int64_t irVersion;
  FixedShapes result;

  proto::shape_inference::SymbolTableImpl symbols;
  std::unordered_map<std::string, int> opsets;
  llvm::StringMap<const proto::OpSchema *> schemas;
  llvm::StringMap<KnownType> distinctTypes; // by their encoding
  std::string encoding;                     // room for that
  llvm::DenseMap<const ir::Value *, KnownType *> types;
  // Of integers, and of constants that matter to inference.
  llvm::DenseMap<const ir::Value *, SmallTensor> values;
  llvm::DenseMap<const ir::Value *, const proto::TensorProto *> constants;
  llvm::DenseMap<const ir::Value *, proto::TensorShapeProto> partialValues;
  std::deque<proto::TensorProto> ownedConstants;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_SHAPEWALK_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// GraphProto, and the body of a FunctionProto, to ir::Graph.

#ifndef OPTRUN_LIB_ONNX_GRAPHREADER_H
#define OPTRUN_LIB_ONNX_GRAPHREADER_H

#include "ReadContext.h"

#include "llvm/ADT/MapVector.h"

namespace optrun::onnx {

/// Reads one graph. Names resolve lexically: in this graph, then in the enclosing ones. A name that
/// is used before anything defines it becomes a placeholder value until the end of the graph; what
/// is still undefined then is looked up (or waits) in the enclosing graph. When nodes turn out not
/// to be in topological order, they are sorted.
class GraphReader {
public:
  /// \p outer: the reader of the enclosing graph; null for a model's graph and for function bodies.
  GraphReader(ReadContext &context, ir::Graph &graph, GraphReader *outer);

  /// Reads a whole GraphProto.
  llvm::Error read(Bytes message);

  /// Piecewise, for functions: declare inputs, read nodes, declare outputs, then finish.
  llvm::Expected<ir::Value *> declareInput(const std::string &name, Bytes where);
  llvm::Error readNode(Bytes message);
  llvm::Expected<ir::Value *> declareOutput(const std::string &name, Bytes where);
  llvm::Error readValueInfo(Bytes message);
  llvm::Error finish();

  ReadContext &context;
  ir::Graph &graph;
  GraphReader *const outer;

private:
  struct FirstUse {
    Bytes where;
    std::string user; // "node 'x' (Add)"
  };

  llvm::Expected<proto::ValueInfoProto> parseValueInfo(Bytes message, llvm::StringRef what) const;
  llvm::Error describe(ir::Value &value, const proto::ValueInfoProto &info, Bytes where);
  llvm::Error readInput(Bytes message);
  llvm::Error readOutput(Bytes message);
  llvm::Error readInitializer(Bytes message);
  llvm::Error readSparseInitializer(Bytes message);
  llvm::Error readAnnotation(Bytes message);
  llvm::Expected<ir::Value *> initializerValue(llvm::StringRef name, Bytes where);

  /// The value that \p name means here; a new placeholder when nothing has that name yet.
  llvm::Expected<ir::Value *> use(llvm::StringRef name, llvm::function_ref<FirstUse()> firstUse);
  llvm::Expected<ir::Value *> define(llvm::StringRef name, const proto::NodeProto &node,
                                     Bytes where);
  llvm::Error resolveInputs(const proto::NodeProto &node, Bytes where,
                            llvm::SmallVectorImpl<ir::Value *> &inputs);
  llvm::Error defineOutputs(const proto::NodeProto &node, Bytes where,
                            llvm::SmallVectorImpl<ir::Value *> &outputs);

  llvm::MapVector<ir::Value *, FirstUse> placeholders;
  bool needsSorting = false;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_GRAPHREADER_H

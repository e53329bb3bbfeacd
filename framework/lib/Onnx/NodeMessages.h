// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// One node as the ONNX library's inference functions take it.

#ifndef OPTRUN_LIB_ONNX_NODEMESSAGES_H
#define OPTRUN_LIB_ONNX_NODEMESSAGES_H

#include "ProtoSupport.h"

#include "optrun/IR/Graph.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <onnx/shape_inference/implementation.h>

namespace optrun::onnx {

/// The message of a node, and tables of what is known of the values that it uses, by name: no table
/// has the size of the graph.
struct NodeMessages {
  /// What is known of a value; null where it is not.
  struct Known {
    proto::TypeProto *type = nullptr; // the library wants it so, and does not write to it
    const proto::TensorProto *constant = nullptr;
    const proto::TensorShapeProto *partialValue = nullptr; // of which some elements are known
  };

  /// An error when a constant cannot be read.
  static llvm::Expected<NodeMessages> make(const ir::Node &node,
                                           llvm::function_ref<Known(const ir::Value &)> known);

  proto::NodeProto node;
  bool hasGraphs = false;
  std::unordered_map<std::string, proto::TypeProto *> types;
  std::unordered_map<std::string, const proto::TensorProto *> constants;
  std::unordered_map<std::string, const proto::SparseTensorProto *> sparseConstants; // none
  proto::shape_inference::DataValueMap partialValues;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_NODEMESSAGES_H

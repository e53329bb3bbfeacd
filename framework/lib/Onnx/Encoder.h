// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The IR as ONNX messages, without touching payloads.

#ifndef OPTRUN_LIB_ONNX_ENCODER_H
#define OPTRUN_LIB_ONNX_ENCODER_H

#include "MessageBuilder.h"

#include "optrun/IR/Payloads.h"
#include "optrun/Onnx/OnnxWriter.h"

namespace optrun::onnx {

/// How a tensor is stored.
struct TensorPlacement {
  enum Kind { Inline, External } kind = Inline;
  ExternalPlace place; // External
};
using ir::TensorRole;
using PlacementFunction = llvm::function_ref<TensorPlacement(const ir::Tensor &, TensorRole)>;

/// Encodes pieces of a component. Fields at their defaults are left out.
class Encoder {
public:
  explicit Encoder(PlacementFunction place) : place(place) {}

  /// Receives one field of a message at a time; the builder is reused.
  using Emit = llvm::function_ref<llvm::Error(const MessageBuilder &)>;

  /// The fields of a GraphProto one by one, so that a graph needs not be in memory as a whole.
  llvm::Error forEachGraphField(const ir::Graph &graph, Emit emit) const;
  /// The fields of a ModelProto before its graph and after it.
  void modelHead(const ir::Component &component, MessageBuilder &out) const;
  llvm::Error forEachFieldAfterGraph(const ir::Component &component, Emit emit) const;
  MessageBuilder attribute(const ir::Attribute &attribute) const;
  MessageBuilder tensor(const ir::Tensor &tensor, llvm::StringRef name,
                        TensorRole role = TensorRole::Weight) const;

private:
  MessageBuilder node(const ir::Node &node) const;
  MessageBuilder graph(const ir::Graph &graph) const;
  MessageBuilder function(const ir::Function &function) const;
  MessageBuilder sparseTensor(const ir::SparseTensor &sparse, llvm::StringRef name) const;
  MessageBuilder valueInfo(const ir::Value &value) const;

  PlacementFunction place;
};

/// A TypeProto; nothing for an unknown type.
MessageBuilder encodeType(const ir::Type &type);

/// Repeated StringStringEntryProto.
void encodeMetadata(MessageBuilder &out, int field, const ir::Metadata &metadata);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_ENCODER_H

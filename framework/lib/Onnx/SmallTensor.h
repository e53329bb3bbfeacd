// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Evaluates the operators with which models compute shapes. Everything comes from a file: extents
/// are checked before they count anything, and what overflows is unknown.

#ifndef OPTRUN_LIB_ONNX_SMALLTENSOR_H
#define OPTRUN_LIB_ONNX_SMALLTENSOR_H

#include "ProtoSupport.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace optrun::onnx {

/// Few integers or booleans, in C order.
struct SmallTensor {
  /// More elements than any shape has; what is larger is not evaluated.
  static constexpr size_t MaxElements = 64;
  using Dims = llvm::SmallVector<int64_t, 2>;

  int32_t type = proto::TensorProto::INT64; // INT64, INT32 or BOOL
  Dims dims;
  llvm::SmallVector<int64_t, 4> values;

  static SmallTensor scalar(int64_t value) { return {proto::TensorProto::INT64, {}, {value}}; }
  static SmallTensor vector(llvm::ArrayRef<int64_t> values,
                            int32_t type = proto::TensorProto::INT64);
};

/// nullopt for other types, too many elements, and data that is not there.
std::optional<SmallTensor> readSmallTensor(const proto::TensorProto &tensor);
proto::TensorProto writeSmallTensor(const SmallTensor &tensor);

/// Elements of a shape; nullopt when there are too many or an extent is negative.
std::optional<size_t> countElements(llvm::ArrayRef<int64_t> dims);

/// The shape to which shapes broadcast (numpy); nullopt when they do not.
std::optional<SmallTensor::Dims> broadcastDims(llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

/// The element of \p tensor that stands at place \p index of the shape \p dims, to which it
/// broadcasts.
int64_t broadcastElement(const SmallTensor &tensor, llvm::ArrayRef<int64_t> dims, size_t index);

/// A node with what is known of its inputs, position by position; null where unknown or omitted.
class SmallNode {
public:
  SmallNode(const proto::NodeProto &node, llvm::ArrayRef<const SmallTensor *> tensors,
            llvm::ArrayRef<const proto::TypeProto *> types)
      : node(node), tensors(tensors), types(types) {}

  llvm::StringRef opType() const { return node.op_type(); }
  llvm::ArrayRef<const SmallTensor *> inputs() const { return tensors; }
  const SmallTensor *input(size_t index) const {
    return index < tensors.size() ? tensors[index] : nullptr;
  }
  const proto::TypeProto *type(size_t index) const {
    return index < types.size() ? types[index] : nullptr;
  }
  bool isOmitted(int index) const {
    return index >= node.input_size() || node.input(index).empty();
  }
  const proto::AttributeProto *attribute(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t otherwise) const;
  /// Integers that older opsets have as attribute \p name and newer ones as input \p index; nullopt
  /// when they are given but not known, empty when they are not given.
  std::optional<llvm::ArrayRef<int64_t>> integers(size_t index, llvm::StringRef name) const;

private:
  const proto::NodeProto &node;
  llvm::ArrayRef<const SmallTensor *> tensors;
  llvm::ArrayRef<const proto::TypeProto *> types;
};

/// The first output of a node of ONNX's own domain; nullopt when the operator is none that shapes
/// are computed with, or an input is unknown.
std::optional<SmallTensor> evaluateSmall(const SmallNode &node);

/// The part of it that only moves elements: Gather, Slice, Concat, Transpose, Reshape …
std::optional<SmallTensor> evaluateMovement(const SmallNode &node);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_SMALLTENSOR_H

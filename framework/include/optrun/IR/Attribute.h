// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Attributes of nodes: every kind that ONNX knows.

#ifndef OPTRUN_IR_ATTRIBUTE_H
#define OPTRUN_IR_ATTRIBUTE_H

#include "optrun/IR/Tensor.h"
#include "optrun/IR/Type.h"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace optrun::ir {

class Graph;

/// A reference to an attribute of the enclosing function, with the ONNX kind it must have.
struct AttributeReference {
  std::string functionAttribute;
  int32_t onnxKind = 0;
};

/// A named value. Nested graphs are owned.
struct Attribute {
  using Value = std::variant<std::monostate, float, int64_t, std::string, TensorRef,
                             std::unique_ptr<Graph>, SparseTensor, Type, std::vector<float>,
                             std::vector<int64_t>, std::vector<std::string>, std::vector<TensorRef>,
                             std::vector<std::unique_ptr<Graph>>, std::vector<SparseTensor>,
                             std::vector<Type>, AttributeReference>;

  Attribute(std::string name, Value value);
  Attribute(Attribute &&) noexcept;
  Attribute &operator=(Attribute &&) noexcept;
  ~Attribute();

  std::string name;
  Value value;
  std::string docString;
};

} // namespace optrun::ir

#endif // OPTRUN_IR_ATTRIBUTE_H

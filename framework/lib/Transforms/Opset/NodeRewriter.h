// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What rewriting nodes needs: new nodes in front of an old one, and one node in place of another.

#ifndef OPTRUN_LIB_TRANSFORMS_OPSET_NODEREWRITER_H
#define OPTRUN_LIB_TRANSFORMS_OPSET_NODEREWRITER_H

#include "optrun/IR/Package.h"

#include "llvm/ADT/StringSet.h"

namespace optrun::opset {

inline llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// The attribute, nullopt when the node has none. An error when it is of another kind, or that of
/// an enclosing function.
template <typename T>
llvm::Expected<std::optional<T>> attributeOf(const ir::Node &node, llvm::StringRef name) {
  const ir::Attribute *attribute = node.attribute(name);
  if (!attribute)
    return std::nullopt;
  if (const T *value = std::get_if<T>(&attribute->value))
    return *value;
  if (std::holds_alternative<ir::AttributeReference>(attribute->value))
    return makeError("its attribute '" + name + "' is an attribute of the enclosing function");
  return makeError("its attribute '" + name + "' is of the wrong kind");
}

void setAttribute(ir::Node &node, llvm::StringRef name, ir::Attribute::Value value);
void removeAttribute(ir::Node &node, llvm::StringRef name);

/// Tensors of a few elements. The first is a vector, the others have the shape that is asked for.
llvm::Expected<ir::TensorRef> makeVector(llvm::ArrayRef<int64_t> elements);
llvm::Expected<ir::TensorRef> makeVector(llvm::ArrayRef<float> elements);
llvm::Expected<ir::TensorRef> makeScalar(int64_t element);
/// An error when \p type is none that numbers can be written in.
llvm::Expected<ir::TensorRef> makeScalar(ir::DataType type, double element);

class NodeRewriter {
public:
  /// New names differ from all names of \p component.
  explicit NodeRewriter(const ir::Component &component);

  /// A node in front of \p node, of its module, with one output. \p role says what the output is to
  /// \p node and becomes part of its name. Nothing raises the new node: \p opType is one that later
  /// versions only widen.
  llvm::Expected<ir::Node *> insert(ir::Node &node, llvm::StringRef opType, llvm::StringRef role,
                                    llvm::ArrayRef<ir::Value *> inputs, ir::Type type = {});
  llvm::Expected<ir::Value *> insertConstant(ir::Node &node, llvm::StringRef role,
                                             llvm::Expected<ir::TensorRef> tensor);

  /// Gives \p node another operator or other inputs. It keeps all else.
  llvm::Expected<ir::Node *> replace(ir::Node &node, llvm::StringRef opType,
                                     llvm::ArrayRef<ir::Value *> inputs);
  /// Gives \p node the constant \p tensor as input \p index.
  llvm::Expected<ir::Node *> addInput(ir::Node &node, unsigned index, llvm::StringRef role,
                                      llvm::Expected<ir::TensorRef> tensor);

private:
  std::string freshName(const ir::Node &node, llvm::StringRef role);
  void noteNames(const ir::Graph &graph);

  llvm::StringSet<> names; // of values and nodes
};

} // namespace optrun::opset

#endif // OPTRUN_LIB_TRANSFORMS_OPSET_NODEREWRITER_H

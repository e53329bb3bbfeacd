// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Adds constants and nodes to a component, under names of their own.

#ifndef OPTRUN_TRANSFORMS_COMPONENTEDITOR_H
#define OPTRUN_TRANSFORMS_COMPONENTEDITOR_H

#include "optrun/IR/Package.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

namespace optrun {

struct NewAttribute {
  llvm::StringRef name;
  std::variant<int64_t, std::vector<int64_t>> value;
};

/// A node to be added.
struct NewNode {
  llvm::StringRef domain; ///< empty for ONNX's own
  llvm::StringRef op;
  llvm::ArrayRef<ir::Value *> inputs; ///< null where one is omitted
  llvm::ArrayRef<NewAttribute> attributes;
  ir::Type type; ///< of the output
  llvm::StringRef overload;
};

/// Where nodes are added: in the graph of the node that needs them, before it, or in one around it.
struct Place {
  Place(ir::Node &user) : graph(user.graph()), user(user) {}
  Place(ir::Graph &graph, ir::Node &user) : graph(graph), user(user) {}

  ir::Graph &graph;
  ir::Node &user;
};

inline constexpr llvm::StringLiteral Microsoft = "com.microsoft";

class ComponentEditor {
public:
  explicit ComponentEditor(ir::Component &component);

  const ir::Component &model() const { return component; }

  /// Gives the component a function, unless it has one of that domain, name and overload. In order
  /// of names behind those that it had, whatever the order of calls.
  void define(std::unique_ptr<ir::Function> function);

  /// A constant of \p graph. Equal tensors (one object) are one constant.
  ir::Value *constant(const ir::TensorRef &tensor, ir::Graph &graph);
  /// A list of integers, of rank 1, that all graphs see. Equal ones are one constant.
  ir::Value *integers(llvm::ArrayRef<int64_t> elements);

  /// Adds a node in the module of the user and with its metadata, and returns its output. Named
  /// after both: "/layers.0/up_proj/MatMul/DequantizeLinear".
  ir::Value *add(const NewNode &spec, Place place);

  /// \p value itself when both types are one.
  ir::Value *cast(ir::Value *value, ir::DataType from, ir::DataType to, Place place);

  /// Adds a node with several outputs behind what produces \p operand, so that all that read the
  /// operand can read it, named after \p user.
  llvm::SmallVector<ir::Value *, 3> addBehind(ir::Value &operand, const NewNode &spec,
                                              llvm::ArrayRef<ir::Type> types, ir::Node &user);

  /// The node that addBehind() added; null if there is none. One that the model has may be anywhere
  /// in the order of nodes.
  const ir::Node *findBehind(const ir::Value &operand, llvm::StringRef op) const;

  /// The same as add, but the new node produces what \p replaced produced, under its name. \p
  /// replaced is gone, and so are the nodes that computed its operands for nobody else.
  void replace(ir::Node &replaced, const NewNode &spec);

  /// Makes \p value an operand of \p node; what computed the operand before for nobody else is
  /// gone.
  void setOperand(ir::Node &node, unsigned operand, ir::Value *value);

  /// Erases constants that are not used any more.
  void eraseUnusedConstants();

private:
  std::string uniqueName(const std::string &base);
  std::string nameFor(const NewNode &spec, const ir::Node &place);
  /// In the graph of its outputs.
  ir::Node &insert(const NewNode &spec, const ir::Node &like, std::string name,
                   llvm::ArrayRef<ir::Value *> outputs, ir::Node *before);
  void eraseProducers(ir::Value *value);

  ir::Component &component;
  size_t functionsBefore;
  llvm::StringSet<> names; // of values and nodes, in all graphs
  llvm::DenseMap<std::pair<const ir::Tensor *, ir::Graph *>, ir::Value *> constants;
  llvm::DenseMap<const ir::Value *, llvm::SmallVector<ir::Node *, 1>> added; // behind a value
  std::map<std::vector<int64_t>, ir::Value *> lists;
};

/// A tensor type with fixed extents.
ir::Type tensorType(ir::DataType type, llvm::ArrayRef<int64_t> dims);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_COMPONENTEDITOR_H

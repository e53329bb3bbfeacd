// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Graphs of nodes and values with def-use edges.
///
/// A Graph owns its nodes and values. A Node of a nested graph may use a Value of an enclosing
/// graph (a capture): the edge is a plain use, so a Value's uses cover nested graphs too. All
/// iteration orders are those of insertion and independent of addresses.

#ifndef OPTRUN_IR_GRAPH_H
#define OPTRUN_IR_GRAPH_H

#include "optrun/IR/Attribute.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/ilist.h"
#include "llvm/ADT/ilist_node.h"
#include "llvm/ADT/iterator_range.h"

#include <cassert>

namespace optrun::ir {

class Graph;
class Node;
class Value;

/// ONNX metadata_props, in order.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// One operand of a node, linked into the use list of its value.
class Use {
public:
  Use() = default;
  Use(const Use &) = delete;
  Use &operator=(const Use &) = delete;

  Value *value() const { return used; }
  Node *user() const { return owner; }
  Use *nextUse() const { return next; }
  /// Position among the inputs of user().
  unsigned operandIndex() const;

private:
  friend class Graph;
  friend class Node;
  friend class Value;
  void link(Value *value);
  void unlink();

  Node *owner = nullptr;
  Value *used = nullptr;
  Use *next = nullptr;
  Use *previous = nullptr;
};

/// A named, typed value: graph input, initializer (or both, as old models have it) or node output.
class Value {
public:
  ~Value();
  Value(const Value &) = delete;
  Value &operator=(const Value &) = delete;

  llvm::StringRef name() const { return valueName; }
  const Type &type() const { return valueType; }
  void setType(Type type) { valueType = std::move(type); }

  Graph &graph() const { return *parent; }
  /// The node whose output this is; null for inputs and initializers.
  Node *producer() const { return definingNode; }
  unsigned outputIndex() const { return resultIndex; }

  bool isInput() const { return inputFlag; }
  bool isInitializer() const { return constant != nullptr || sparse != nullptr; }
  /// A graph output (of its own graph).
  bool isOutput() const { return outputCount != 0; }
  /// An output of a nested graph that returns this value of an enclosing graph directly. ONNX
  /// Runtime refuses such models, but they exist.
  bool isNestedOutput() const { return nestedOutputCount != 0; }
  /// The constant of a dense initializer; null otherwise.
  const TensorRef &tensor() const { return constant; }
  /// Another constant for a dense initializer; Graph::setInitializer makes a value one.
  void setTensor(TensorRef tensor) {
    assert(constant && tensor && "only the constant of a dense initializer can be replaced");
    constant = std::move(tensor);
  }
  const SparseTensor *sparseTensor() const { return sparse.get(); }

  /// Uses in this graph and in nested graphs. Uses as a graph output are not counted here.
  class UseIterator;
  llvm::iterator_range<UseIterator> uses() const;
  bool hasUses() const { return firstUse != nullptr; }
  /// Keeps graph outputs: their names are the graph's interface (see Graph::releaseOutputs).
  void replaceAllUsesWith(Value &other);

  std::string docString;
  Metadata metadata;
  /// ONNX quantization annotation: parameter ("SCALE_TENSOR") → tensor name. Empty mostly.
  Metadata quantizationAnnotation;
  /// True where the ONNX file described the value in value_info, so that writing keeps it.
  bool hasValueInfo = false;

private:
  friend class Graph;
  friend class Node;
  friend class Use;
  Value(Graph &graph, llvm::StringRef name) : parent(&graph), valueName(name) {}

  Graph *parent;
  llvm::StringRef valueName; // the key in the graph's table of names
  Type valueType;
  Node *definingNode = nullptr;
  unsigned resultIndex = 0;
  unsigned outputCount = 0;
  unsigned nestedOutputCount = 0;
  size_t slot = 0; // position in the graph's ownedValues
  bool inputFlag = false;
  TensorRef constant;
  std::unique_ptr<SparseTensor> sparse;
  Use *firstUse = nullptr;
  Use *lastUse = nullptr;
};

class Value::UseIterator
    : public llvm::iterator_facade_base<Value::UseIterator, std::forward_iterator_tag, Use> {
public:
  explicit UseIterator(Use *use = nullptr) : current(use) {}
  bool operator==(const UseIterator &other) const { return current == other.current; }
  Use &operator*() const { return *current; }
  UseIterator &operator++() {
    current = current->nextUse();
    return *this;
  }

private:
  Use *current;
};

/// One operation. Inputs may be null (omitted optional inputs); outputs may be null likewise.
class Node : public llvm::ilist_node<Node> {
public:
  ~Node();
  Node(const Node &) = delete;
  Node &operator=(const Node &) = delete;

  llvm::StringRef opType() const { return op; }
  llvm::StringRef domain() const { return opDomain; }
  llvm::StringRef overload() const { return opOverload; }
  /// True for \p type in the default domain ("" or "ai.onnx").
  bool isOp(llvm::StringRef type) const;
  bool isOp(llvm::StringRef domain, llvm::StringRef type) const;

  Graph &graph() const { return *parent; }

  unsigned numInputs() const { return static_cast<unsigned>(operands.size()); }
  Value *input(unsigned index) const {
    return index < operands.size() ? operands[index].value() : nullptr;
  }
  /// \p index is below numInputs(): the number of inputs is fixed when the node is made.
  void setInput(unsigned index, Value *value);
  llvm::ArrayRef<Use> inputs() const { return operands; }

  llvm::ArrayRef<Value *> outputs() const { return results; }
  Value *output(unsigned index) const { return index < results.size() ? results[index] : nullptr; }

  llvm::ArrayRef<Attribute> attributes() const { return attrs; }
  std::vector<Attribute> &attributes() { return attrs; }
  const Attribute *attribute(llvm::StringRef name) const;
  std::optional<int64_t> intAttribute(llvm::StringRef name) const;

  /// Calls \p visit for each nested graph (If, Loop, Scan), in attribute order.
  void forEachSubgraph(llvm::function_ref<void(Graph &)> visit) const;

  std::string name;
  std::string docString;
  Metadata metadata;
  /// The module this node belongs to, dots between components: "model.layers.3.mlp.up_proj". Empty
  /// when unknown. Filled by capture (see Analysis/ModuleHierarchy.h), kept by every pass.
  std::string modulePath;
  /// Serialized ONNX device_configurations; carried along, never interpreted.
  std::vector<std::string> deviceConfigurations;

private:
  friend class Graph;
  friend class Use;
  friend struct llvm::ilist_alloc_traits<Node>;
  Node() = default;

  Graph *parent = nullptr;
  llvm::StringRef op, opDomain, opOverload; // owned by the graph's string pool
  std::vector<Use> operands;                // never resized after creation
  std::vector<Value *> results;
  std::vector<Attribute> attrs;
};

/// What a new node is made of.
struct NodeSpec {
  llvm::StringRef domain;
  llvm::StringRef opType;
  llvm::StringRef overload;
  std::string name;
  llvm::ArrayRef<Value *> inputs;
  llvm::ArrayRef<Value *> outputs;
};

class Graph {
public:
  /// \p parentNode is the node whose attribute holds this graph; null for a component's graph and
  /// for function bodies.
  explicit Graph(Node *parentNode = nullptr);
  ~Graph();
  Graph(const Graph &) = delete;
  Graph &operator=(const Graph &) = delete;

  Node *parentNode() const { return enclosingNode; }
  Graph *parentGraph() const;
  /// Number of graphs around this one: 0 for a component's graph and for function bodies.
  unsigned depth() const { return nestingDepth; }
  /// Deeper graphs are refused by verifyGraph, cloneGraph and sortTopologically (and by readers,
  /// before they build them), so that recursion over nested graphs is bounded.
  static constexpr unsigned MaxDepth = 64;

  using NodeList = llvm::ilist<Node>;
  /// In file order, which is topological for every valid model.
  NodeList &nodes() { return nodeList; }
  const NodeList &nodes() const { return nodeList; }

  /// Inputs, initializers and outputs in file order.
  llvm::ArrayRef<Value *> inputs() const { return inputValues; }
  llvm::ArrayRef<Value *> initializers() const { return initializerValues; }
  llvm::ArrayRef<Value *> outputs() const { return outputValues; }
  /// Every value that this graph owns, in order of creation. Erasing values while iterating is
  /// safe; adding is not.
  class ValueIterator;
  llvm::iterator_range<ValueIterator> values() const;

  /// The value of that name in this graph (not in enclosing ones); null if there is none.
  Value *findValue(llvm::StringRef name) const;

  /// An error when the name is taken in this graph. The empty name is not allowed.
  llvm::Expected<Value *> addValue(llvm::StringRef name, Type type = {});
  /// An error when the new name is taken in this graph, or empty.
  llvm::Error renameValue(Value &value, llvm::StringRef newName);
  /// Appends to the inputs; a value is an input at most once.
  void markInput(Value &value);
  void unmarkInput(Value &value);
  /// Appends to the outputs. Takes values of enclosing graphs too; a value can be listed twice.
  void markOutput(Value &value);
  /// Removes every listing of \p value among the outputs.
  void unmarkOutput(Value &value);
  void setInitializer(Value &value, TensorRef tensor);
  void setSparseInitializer(Value &value, SparseTensor tensor);
  /// Makes \p value an ordinary value; it needs a producer then, unless it is an input.
  void clearInitializer(Value &value);
  /// Appends a node, or inserts it before \p before. An error when an output already has a producer
  /// or is an input or initializer.
  llvm::Expected<Node *> addNode(const NodeSpec &spec, Node *before = nullptr);
  /// Detaches the outputs of \p node, so that a new node can produce the same values (replacing a
  /// node whose output is a graph output). \p node is left without outputs, ready for eraseNode.
  void releaseOutputs(Node &node);
  /// Removes a node whose outputs have no uses and are no graph outputs; its output values go too.
  void eraseNode(Node &node);
  /// Removes a value that nothing uses, produces or exposes. Takes time in the number of
  /// initializers when it is one; eraseUnusedInitializers() removes many at once.
  void eraseValue(Value &value);
  /// Removes the initializers that nothing uses and that are no input or output. Linear.
  void eraseUnusedInitializers();

  /// Reorders the nodes topologically, keeping file order among ready nodes; captures count as
  /// inputs of the node that holds the nested graph. Nested graphs are sorted too.
  /// An error that names a node on a cycle.
  llvm::Error sortTopologically();

  std::string name;
  std::string docString;
  Metadata metadata;

private:
  llvm::StringRef intern(llvm::StringRef text);
  void dropErasedSlots();

  Node *enclosingNode;
  unsigned nestingDepth;
  size_t erasedSlots = 0;
  std::vector<std::unique_ptr<Value>> ownedValues; // null where a value was erased
  NodeList nodeList;                               // destroyed before the values it uses
  llvm::StringMap<Value *> byName;
  llvm::StringMap<char> pool;
  std::vector<Value *> inputValues, initializerValues, outputValues;
};

/// Goes over the values of a graph and skips the slots of erased ones.
class Graph::ValueIterator
    : public llvm::iterator_facade_base<Graph::ValueIterator, std::forward_iterator_tag,
                                        const std::unique_ptr<Value>> {
public:
  ValueIterator() = default;
  ValueIterator(const std::unique_ptr<Value> *position, const std::unique_ptr<Value> *end)
      : current(position), last(end) {
    skipErased();
  }
  bool operator==(const ValueIterator &other) const { return current == other.current; }
  const std::unique_ptr<Value> &operator*() const { return *current; }
  ValueIterator &operator++() {
    ++current;
    skipErased();
    return *this;
  }

private:
  void skipErased() {
    while (current != last && !*current)
      ++current;
  }
  const std::unique_ptr<Value> *current = nullptr;
  const std::unique_ptr<Value> *last = nullptr;
};

inline llvm::iterator_range<Graph::ValueIterator> Graph::values() const {
  const auto *begin = ownedValues.data(), *end = begin + ownedValues.size();
  return {ValueIterator(begin, end), ValueIterator(end, end)};
}

/// Structural checks: every use's value is visible, every output has a producer, input or
/// initializer, names are unique, nodes are in topological order. The first problem, with names.
llvm::Error verifyGraph(const Graph &graph);

/// Copies \p source (nodes, values, nested graphs) into the empty \p target. Tensors are shared.
/// \p mapCapture resolves values of enclosing graphs; identity when null. An error when it returns
/// null. Works on nested graphs by themselves, too.
llvm::Error cloneGraph(const Graph &source, Graph &target,
                       llvm::function_ref<Value *(Value *)> mapCapture = nullptr);

/// Copies one node with its nested graphs into \p target. \p mapInput gives the value in the target
/// graph for each value that the node or its nested graphs use from outside of the node (asked once
/// for each), \p mapOutput the value for each output.
llvm::Expected<Node *> cloneNode(const Node &node, Graph &target,
                                 llvm::function_ref<llvm::Expected<Value *>(Value &)> mapInput,
                                 llvm::function_ref<llvm::Expected<Value *>(Value &)> mapOutput);

/// A copy of \p attribute for \p parent (null for defaults of functions). Captures of nested graphs
/// stay as they are.
llvm::Expected<Attribute> cloneAttribute(const Attribute &attribute, Node *parent);

/// Values of enclosing graphs that the nested graphs of \p node use, in order of first use, without
/// repeats.
llvm::SmallVector<Value *, 4> capturedValues(const Node &node);

} // namespace optrun::ir

#endif // OPTRUN_IR_GRAPH_H

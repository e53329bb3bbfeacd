// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tensors and graphs inside attributes are read by hand, since they may hold large payloads.

#include "AttributeReader.h"

#include "TensorReader.h"
#include "TypeConversion.h"

namespace optrun::onnx {

namespace {

using Proto = proto::AttributeProto;

/// The parts of an attribute that hold tensors or graphs.
struct AttributeParts {
  Proto header;
  std::vector<Bytes> tensor, graph, sparseTensor;    // at most one each
  std::vector<Bytes> tensors, graphs, sparseTensors; // lists

  std::vector<Bytes> *list(uint32_t field) {
    switch (field) {
    case Proto::kTFieldNumber:
      return &tensor;
    case Proto::kGFieldNumber:
      return &graph;
    case Proto::kSparseTensorFieldNumber:
      return &sparseTensor;
    case Proto::kTensorsFieldNumber:
      return &tensors;
    case Proto::kGraphsFieldNumber:
      return &graphs;
    case Proto::kSparseTensorsFieldNumber:
      return &sparseTensors;
    default:
      return nullptr;
    }
  }
};

class AttributeBuilder {
public:
  AttributeBuilder(GraphReader &scope, ir::Node *node, Bytes message, AttributeParts &parts)
      : scope(scope), context(scope.context), node(node), message(message), parts(parts) {}

  llvm::Expected<ir::Attribute> build() {
    const Proto &header = parts.header;
    auto value = readValue();
    if (!value)
      return value.takeError();
    ir::Attribute attribute(header.name(), std::move(*value));
    attribute.docString = header.doc_string();
    return attribute;
  }

private:
  using Value = ir::Attribute::Value;

  llvm::Error fail(const llvm::Twine &what) const {
    std::string owner =
        node ? (" of node '" + node->name + "' (" + node->opType() + ")").str() : "";
    return context.errorAt(message, "attribute '" + parts.header.name() + "'" + owner + " " + what);
  }

  /// The kinds whose fields hold something.
  llvm::SmallVector<Proto::AttributeType, 2> presentKinds() const {
    const Proto &header = parts.header;
    const std::pair<bool, Proto::AttributeType> fields[] = {
        {header.has_f(), Proto::FLOAT},
        {header.has_i(), Proto::INT},
        {header.has_s(), Proto::STRING},
        {!parts.tensor.empty(), Proto::TENSOR},
        {!parts.graph.empty(), Proto::GRAPH},
        {!parts.sparseTensor.empty(), Proto::SPARSE_TENSOR},
        {header.has_tp(), Proto::TYPE_PROTO},
        {!header.floats().empty(), Proto::FLOATS},
        {!header.ints().empty(), Proto::INTS},
        {!header.strings().empty(), Proto::STRINGS},
        {!parts.tensors.empty(), Proto::TENSORS},
        {!parts.graphs.empty(), Proto::GRAPHS},
        {!parts.sparseTensors.empty(), Proto::SPARSE_TENSORS},
        {!header.type_protos().empty(), Proto::TYPE_PROTOS}};
    llvm::SmallVector<Proto::AttributeType, 2> kinds;
    for (auto [isPresent, kind] : fields)
      if (isPresent)
        kinds.push_back(kind);
    return kinds;
  }

  llvm::Expected<Value> readValue() {
    const Proto &header = parts.header;
    if (header.name().empty())
      return fail("has no name");
    auto present = presentKinds();
    if (!header.ref_attr_name().empty()) {
      if (!present.empty())
        return fail("refers to an attribute of the function and has a value too");
      return ir::AttributeReference{header.ref_attr_name(), header.type()};
    }
    if (hasUnknownField(header, Proto::kTypeFieldNumber))
      return fail("is of a kind that this version of ONNX does not know");
    // Files of IR version 1 leave the kind out.
    Proto::AttributeType kind = header.type();
    if (kind == Proto::UNDEFINED && !present.empty())
      kind = present.front();
    if (present.size() > 1 || (present.size() == 1 && present.front() != kind))
      return fail("holds a value that is not of its declared kind");
    return readKind(kind);
  }

  llvm::Expected<Value> readKind(Proto::AttributeType kind) {
    const Proto &header = parts.header;
    switch (kind) {
    case Proto::UNDEFINED:
      return std::monostate();
    case Proto::FLOAT:
      return header.f();
    case Proto::INT:
      return header.i();
    case Proto::STRING:
      return header.s();
    case Proto::TENSOR:
      return one(parts.tensor, [&](Bytes bytes) { return readTensor(context, bytes); });
    case Proto::GRAPH:
      return one(parts.graph, [&](Bytes bytes) { return readGraph(bytes); });
    case Proto::SPARSE_TENSOR:
      return one(parts.sparseTensor, [&](Bytes bytes) { return readSparseTensor(context, bytes); });
    case Proto::TYPE_PROTO:
      return readTypeValue(header.tp());
    case Proto::FLOATS:
      return std::vector<float>(header.floats().begin(), header.floats().end());
    case Proto::INTS:
      return std::vector<int64_t>(header.ints().begin(), header.ints().end());
    case Proto::STRINGS:
      return std::vector<std::string>(header.strings().begin(), header.strings().end());
    case Proto::TENSORS:
      return all<ir::TensorRef>(parts.tensors,
                                [&](Bytes bytes) { return readTensor(context, bytes); });
    case Proto::GRAPHS:
      return all<std::unique_ptr<ir::Graph>>(parts.graphs,
                                             [&](Bytes bytes) { return readGraph(bytes); });
    case Proto::SPARSE_TENSORS:
      return all<ir::SparseTensor>(parts.sparseTensors,
                                   [&](Bytes bytes) { return readSparseTensor(context, bytes); });
    case Proto::TYPE_PROTOS:
      return all<ir::Type>(header.type_protos(),
                           [&](const proto::TypeProto &type) { return readTypeValue(type); });
    }
    return fail("is of an unknown kind");
  }

  template <typename Read> llvm::Expected<Value> one(const std::vector<Bytes> &list, Read read) {
    if (list.size() != 1)
      return fail(list.empty() ? "has no value" : "has its value twice");
    auto value = read(list.front());
    if (!value)
      return value.takeError();
    return Value(std::move(*value));
  }

  template <typename Element, typename List, typename Read>
  llvm::Expected<Value> all(const List &list, Read read) {
    std::vector<Element> values;
    values.reserve(static_cast<size_t>(list.size()));
    for (const auto &item : list) {
      auto value = read(item);
      if (!value)
        return value.takeError();
      values.push_back(std::move(*value));
    }
    return Value(std::move(values));
  }

  llvm::Expected<ir::Type> readTypeValue(const proto::TypeProto &type) {
    auto read = readType(
        type, [&](const std::string &name, int field) { context.warnUnknownField(name, field); });
    if (!read)
      return fail("holds a type that cannot be read: " + llvm::toString(read.takeError()));
    return read;
  }

  llvm::Expected<std::unique_ptr<ir::Graph>> readGraph(Bytes bytes) {
    auto graph = std::make_unique<ir::Graph>(node);
    GraphReader reader(context, *graph, &scope);
    if (auto error = reader.read(bytes))
      return error;
    return graph;
  }

  GraphReader &scope;
  ReadContext &context;
  ir::Node *node;
  Bytes message;
  AttributeParts &parts;
};

} // namespace

llvm::Expected<ir::Attribute> readAttribute(GraphReader &scope, ir::Node *node, Bytes message) {
  AttributeParts parts;
  if (auto error = readHeader(scope.context, message, parts.header, "an attribute",
                              [&](uint32_t field) { return parts.list(field); }))
    return error;
  return AttributeBuilder(scope, node, message, parts).build();
}

} // namespace optrun::onnx

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Types, tensors and attributes as messages.

#include "Encoder.h"
#include "ProtoSupport.h"

#include <type_traits>

namespace optrun::onnx {

namespace {

MessageBuilder encodeShape(const ir::Shape &shape) {
  using Dim = proto::TensorShapeProto_Dimension;
  MessageBuilder out;
  for (const ir::Dimension &dimension : shape) {
    MessageBuilder entry;
    if (dimension.extent)
      entry.integer(Dim::kDimValueFieldNumber, *dimension.extent);
    else
      entry.text(Dim::kDimParamFieldNumber, dimension.symbol);
    entry.text(Dim::kDenotationFieldNumber, dimension.denotation);
    out.message(proto::TensorShapeProto::kDimFieldNumber, entry);
  }
  return out;
}

/// TypeProto.Tensor and TypeProto.SparseTensor have the same fields.
MessageBuilder encodeTensorType(const ir::Type &type) {
  using Field = proto::TypeProto_Tensor;
  MessageBuilder out;
  if (type.elementType() != ir::DataType::Undefined)
    out.integer(Field::kElemTypeFieldNumber, static_cast<int64_t>(type.elementType()));
  if (type.shape())
    out.message(Field::kShapeFieldNumber, encodeShape(*type.shape()));
  return out;
}

/// The element type is field 1 of sequences and optionals.
MessageBuilder encodeContainer(const ir::Type &type) {
  MessageBuilder out;
  if (type.nested())
    out.message(proto::TypeProto_Sequence::kElemTypeFieldNumber, encodeType(*type.nested()));
  return out;
}

MessageBuilder encodeMapType(const ir::Type &type) {
  using Field = proto::TypeProto_Map;
  MessageBuilder out;
  out.integer(Field::kKeyTypeFieldNumber, static_cast<int64_t>(type.elementType()));
  if (type.nested())
    out.message(Field::kValueTypeFieldNumber, encodeType(*type.nested()));
  return out;
}

MessageBuilder encodeOpaqueType(const ir::Type &type) {
  using Field = proto::TypeProto_Opaque;
  MessageBuilder out;
  out.text(Field::kDomainFieldNumber, type.opaqueDomain());
  out.text(Field::kNameFieldNumber, type.opaqueName());
  return out;
}

void encodeExternalPlace(MessageBuilder &out, const ExternalPlace &place) {
  using Field = proto::TensorProto;
  encodeMetadata(out, Field::kExternalDataFieldNumber,
                 {{"location", place.location},
                  {"offset", std::to_string(place.offset)},
                  {"length", std::to_string(place.length)}});
  out.integer(Field::kDataLocationFieldNumber, proto::TensorProto::EXTERNAL);
}

/// The ONNX kind of each alternative of ir::Attribute::Value.
using Kind = proto::AttributeProto;
int64_t attributeKind(const ir::Attribute::Value &value) {
  constexpr int64_t kinds[] = {Kind::UNDEFINED,     Kind::FLOAT,          Kind::INT,
                               Kind::STRING,        Kind::TENSOR,         Kind::GRAPH,
                               Kind::SPARSE_TENSOR, Kind::TYPE_PROTO,     Kind::FLOATS,
                               Kind::INTS,          Kind::STRINGS,        Kind::TENSORS,
                               Kind::GRAPHS,        Kind::SPARSE_TENSORS, Kind::TYPE_PROTOS};
  if (const auto *reference = std::get_if<ir::AttributeReference>(&value))
    return reference->onnxKind;
  static_assert(std::size(kinds) + 1 == std::variant_size_v<ir::Attribute::Value>);
  return kinds[value.index()];
}

} // namespace

MessageBuilder encodeType(const ir::Type &type) {
  using Field = proto::TypeProto;
  MessageBuilder out;
  // The denotation, field 6, lies between the alternatives.
  auto denotation = [&] { out.text(Field::kDenotationFieldNumber, type.denotation); };
  switch (type.kind()) {
  case ir::Type::Kind::Unknown:
    denotation();
    break;
  case ir::Type::Kind::Tensor:
    out.message(Field::kTensorTypeFieldNumber, encodeTensorType(type));
    denotation();
    break;
  case ir::Type::Kind::Sequence:
    out.message(Field::kSequenceTypeFieldNumber, encodeContainer(type));
    denotation();
    break;
  case ir::Type::Kind::Map:
    out.message(Field::kMapTypeFieldNumber, encodeMapType(type));
    denotation();
    break;
  case ir::Type::Kind::Opaque:
    denotation();
    out.message(Field::kOpaqueTypeFieldNumber, encodeOpaqueType(type));
    break;
  case ir::Type::Kind::SparseTensor:
    denotation();
    out.message(Field::kSparseTensorTypeFieldNumber, encodeTensorType(type));
    break;
  case ir::Type::Kind::Optional:
    denotation();
    out.message(Field::kOptionalTypeFieldNumber, encodeContainer(type));
    break;
  }
  return out;
}

MessageBuilder Encoder::tensor(const ir::Tensor &tensor, llvm::StringRef name,
                               TensorRole role) const {
  using Field = proto::TensorProto;
  MessageBuilder out;
  for (int64_t extent : tensor.dims())
    out.integer(Field::kDimsFieldNumber, extent);
  out.integer(Field::kDataTypeFieldNumber, static_cast<int64_t>(tensor.dataType()));
  for (const std::string &string : tensor.strings())
    out.bytes(Field::kStringDataFieldNumber, string);
  out.text(Field::kNameFieldNumber, name);
  bool hasPayload = tensor.dataType() != ir::DataType::String && tensor.byteSize() != 0;
  TensorPlacement placement = hasPayload ? place(tensor, role) : TensorPlacement{};
  if (hasPayload && placement.kind == TensorPlacement::Inline)
    out.payload(Field::kRawDataFieldNumber, tensor);
  out.text(Field::kDocStringFieldNumber, tensor.docString);
  if (placement.kind == TensorPlacement::External)
    encodeExternalPlace(out, placement.place);
  encodeMetadata(out, Field::kMetadataPropsFieldNumber, tensor.metadata);
  return out;
}

MessageBuilder Encoder::sparseTensor(const ir::SparseTensor &sparse, llvm::StringRef name) const {
  using Field = proto::SparseTensorProto;
  MessageBuilder out;
  out.message(Field::kValuesFieldNumber, tensor(*sparse.values, name));
  if (sparse.indices)
    out.message(Field::kIndicesFieldNumber,
                tensor(*sparse.indices, sparse.indices->name(), TensorRole::SparseIndices));
  for (int64_t extent : sparse.dims)
    out.integer(Field::kDimsFieldNumber, extent);
  return out;
}

namespace {

template <typename T> constexpr bool isVector = false;
template <typename T> constexpr bool isVector<std::vector<T>> = true;

} // namespace

MessageBuilder Encoder::attribute(const ir::Attribute &attribute) const {
  using Field = proto::AttributeProto;
  // The value's field number may be below doc_string's (13), between that and type's (20), or
  // above: it is encoded apart and appended at its place.
  MessageBuilder out;
  out.bytes(Field::kNameFieldNumber, attribute.name);

  MessageBuilder value;
  int field = 0;
  auto add = [&](int number, auto encodeOne, const auto &content) {
    field = number;
    if constexpr (isVector<std::decay_t<decltype(content)>>) {
      for (const auto &element : content)
        encodeOne(number, element);
    } else {
      encodeOne(number, content);
    }
  };
  auto asFloat = [&](int number, float element) { value.float32(number, element); };
  auto asInteger = [&](int number, int64_t element) { value.integer(number, element); };
  auto asBytes = [&](int number, const std::string &element) { value.bytes(number, element); };
  auto asTensor = [&](int number, const ir::TensorRef &element) {
    value.message(number, tensor(*element, element->name()));
  };
  auto asGraph = [&](int number, const std::unique_ptr<ir::Graph> &element) {
    value.message(number, graph(*element));
  };
  auto asSparse = [&](int number, const ir::SparseTensor &element) {
    value.message(number, sparseTensor(element, element.values->name()));
  };
  auto asType = [&](int number, const ir::Type &element) {
    value.message(number, encodeType(element));
  };
  std::visit(
      [&](const auto &content) {
        using Content = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, float>)
          add(Field::kFFieldNumber, asFloat, content);
        else if constexpr (std::is_same_v<Content, int64_t>)
          add(Field::kIFieldNumber, asInteger, content);
        else if constexpr (std::is_same_v<Content, std::string>)
          add(Field::kSFieldNumber, asBytes, content);
        else if constexpr (std::is_same_v<Content, ir::TensorRef>)
          add(Field::kTFieldNumber, asTensor, content);
        else if constexpr (std::is_same_v<Content, std::unique_ptr<ir::Graph>>)
          add(Field::kGFieldNumber, asGraph, content);
        else if constexpr (std::is_same_v<Content, ir::SparseTensor>)
          add(Field::kSparseTensorFieldNumber, asSparse, content);
        else if constexpr (std::is_same_v<Content, ir::Type>)
          add(Field::kTpFieldNumber, asType, content);
        else if constexpr (std::is_same_v<Content, std::vector<float>>)
          add(Field::kFloatsFieldNumber, asFloat, content);
        else if constexpr (std::is_same_v<Content, std::vector<int64_t>>)
          add(Field::kIntsFieldNumber, asInteger, content);
        else if constexpr (std::is_same_v<Content, std::vector<std::string>>)
          add(Field::kStringsFieldNumber, asBytes, content);
        else if constexpr (std::is_same_v<Content, std::vector<ir::TensorRef>>)
          add(Field::kTensorsFieldNumber, asTensor, content);
        else if constexpr (std::is_same_v<Content, std::vector<std::unique_ptr<ir::Graph>>>)
          add(Field::kGraphsFieldNumber, asGraph, content);
        else if constexpr (std::is_same_v<Content, std::vector<ir::SparseTensor>>)
          add(Field::kSparseTensorsFieldNumber, asSparse, content);
        else if constexpr (std::is_same_v<Content, std::vector<ir::Type>>)
          add(Field::kTypeProtosFieldNumber, asType, content);
      },
      attribute.value);

  if (field < Field::kDocStringFieldNumber)
    out.append(value);
  out.text(Field::kDocStringFieldNumber, attribute.docString);
  if (field > Field::kDocStringFieldNumber && field < Field::kTypeFieldNumber)
    out.append(value);
  out.integer(Field::kTypeFieldNumber, attributeKind(attribute.value));
  if (const auto *reference = std::get_if<ir::AttributeReference>(&attribute.value))
    out.bytes(Field::kRefAttrNameFieldNumber, reference->functionAttribute);
  if (field > Field::kTypeFieldNumber)
    out.append(value);
  return out;
}

} // namespace optrun::onnx

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A tensor is read in two steps: its payload fields are located by hand, the rest goes through
/// protobuf; then the payload becomes a source, in the file or normalised to raw bytes.

#include "TensorReader.h"

#include "TypedData.h"

namespace optrun::onnx {

namespace {

using Field = proto::TensorProto;

struct LocatedTensor {
  Field &header; // all but the payload
  /// Where each payload field lies; a packed field is one piece, an unpacked one a piece an
  /// element.
  std::vector<Bytes> floats = {}, int32s = {}, int64s = {}, doubles = {}, uint64s = {};
  std::optional<Bytes> raw = std::nullopt;
  std::vector<std::string> strings = {};
};

/// The list that a field belongs to; null for what protobuf reads.
std::vector<Bytes> *payloadList(LocatedTensor &tensor, uint32_t field) {
  switch (field) {
  case Field::kFloatDataFieldNumber:
    return &tensor.floats;
  case Field::kInt32DataFieldNumber:
    return &tensor.int32s;
  case Field::kInt64DataFieldNumber:
    return &tensor.int64s;
  case Field::kDoubleDataFieldNumber:
    return &tensor.doubles;
  case Field::kUint64DataFieldNumber:
    return &tensor.uint64s;
  default:
    return nullptr;
  }
}

llvm::Error locate(ReadContext &context, Bytes message, LocatedTensor &tensor) {
  WireReader reader(message);
  WireField field;
  Splice header;
  while (reader.next(field)) {
    if (std::vector<Bytes> *list = payloadList(tensor, field.number)) {
      WireType element = field.number == Field::kFloatDataFieldNumber    ? WireType::Fixed32
                         : field.number == Field::kDoubleDataFieldNumber ? WireType::Fixed64
                                                                         : WireType::Varint;
      if (field.type != WireType::Delimited && field.type != element)
        return context.errorAt(field.whole, "the data of a tensor has the wrong wire type");
      if (!field.content.empty())
        list->push_back(field.content);
      continue;
    }
    switch (field.number) {
    case Field::kRawDataFieldNumber:
      if (auto error = context.expectDelimited(field, "a tensor"))
        return error;
      if (tensor.raw)
        return context.errorAt(field.whole, "a tensor has raw_data twice");
      tensor.raw = field.content;
      break;
    case Field::kStringDataFieldNumber:
      if (auto error = context.expectDelimited(field, "a tensor"))
        return error;
      tensor.strings.push_back(asText(field.content).str());
      break;
    case Field::kSegmentFieldNumber:
      return context.errorAt(field.whole, "a tensor is stored in segments, which is not supported");
    default:
      header.keep(field.whole);
    }
  }
  if (auto error = context.problemOf(reader, "a tensor"))
    return error;
  return context.parse(tensor.header, header.bytes(), "a tensor");
}

/// The element count; nullopt for a negative dimension or overflow.
std::optional<uint64_t> countElements(const ir::Tensor::Dims &dims) {
  uint64_t count = 1;
  bool empty = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      return std::nullopt;
    // A zero makes the tensor empty wherever it stands, but the others must still be sane.
    if (dim == 0)
      empty = true;
    else if (__builtin_mul_overflow(count, static_cast<uint64_t>(dim), &count))
      return std::nullopt;
  }
  return empty ? 0 : count;
}

class TensorBuilder {
public:
  TensorBuilder(ReadContext &context, Bytes message, LocatedTensor &located)
      : context(context), message(message), located(located) {}

  llvm::Expected<ir::TensorRef> build() {
    const proto::TensorProto &header = located.header;
    dims.assign(header.dims().begin(), header.dims().end());
    auto count = countElements(dims);
    if (!count)
      return fail("its shape has a negative dimension or too many elements");
    elements = *count;
    if (header.data_type() == proto::TensorProto::UNDEFINED)
      return fail("it has no element type");
    auto code = ir::dataTypeFromCode(header.data_type());
    if (!code)
      return fail("its element type, code " + llvm::Twine(header.data_type()) +
                  ", is not supported");
    type = *code;
    if (hasUnknownField(header, proto::TensorProto::kDataLocationFieldNumber))
      return fail("the location of its data is of an unknown kind");

    auto tensor = type == ir::DataType::String ? buildStrings() : buildNumbers();
    if (!tensor)
      return tensor.takeError();
    warnAboutHeader();
    if (header.doc_string().empty() && header.metadata_props().empty())
      return tensor;
    return (*tensor)->annotated(header.doc_string(),
                                readMetadata(context, header.metadata_props()));
  }

private:
  llvm::Error fail(const llvm::Twine &reason) const {
    return context.errorAt(message, "tensor '" + located.header.name() + "': " + reason);
  }
  llvm::Error fail(llvm::Error error) const { return fail(llvm::toString(std::move(error))); }

  bool isExternal() const { return located.header.data_location() == proto::TensorProto::EXTERNAL; }
  unsigned usedPayloadFields() const {
    return !located.floats.empty() + !located.int32s.empty() + !located.int64s.empty() +
           !located.doubles.empty() + !located.uint64s.empty() + !located.strings.empty() +
           (located.raw && !located.raw->empty());
  }

  llvm::Expected<ir::TensorRef> buildStrings() {
    if (isExternal() || located.raw || usedPayloadFields() > !located.strings.empty())
      return fail("strings must be stored in string_data");
    if (located.strings.size() != elements)
      return fail("it holds " + llvm::Twine(located.strings.size()) + " strings, its shape says " +
                  llvm::Twine(elements));
    auto tensor =
        ir::Tensor::createStrings(located.header.name(), dims, std::move(located.strings));
    return tensor ? std::move(tensor) : fail(tensor.takeError());
  }

  llvm::Expected<ir::TensorRef> buildNumbers() {
    auto size = ir::packedByteSize(type, elements);
    if (!size)
      return fail("its shape has too many elements");
    byteSize = *size;
    auto source = isExternal() ? externalSource() : ownSource();
    if (!source)
      return source.takeError();
    auto tensor = ir::Tensor::create(located.header.name(), type, dims, std::move(*source));
    return tensor ? std::move(tensor) : fail(tensor.takeError());
  }

  llvm::Expected<ir::TensorSourceRef> ownSource() {
    if (usedPayloadFields() > 1)
      return fail("it holds its data in more than one field");
    if (located.raw && usedPayloadFields() == (located.raw->empty() ? 0u : 1u))
      return sourceOf(*located.raw);
    if (usedPayloadFields() == 0)
      return sourceOf(Bytes());

    const std::vector<Bytes> *pieces = typedDataField();
    if (!pieces)
      return fail("its data is stored in a field that does not fit its element type, " +
                  ir::dataTypeName(type));
    bool isFixed = pieces == &located.floats || pieces == &located.doubles;
    // Packed floats are the raw bytes already.
    if (isFixed && pieces->size() == 1)
      return sourceOf(pieces->front());
    if (isFixed)
      return sourceFrom(joinPieces(*pieces));
    auto bytes =
        pieces == &located.int32s ? decodeInt32Data(*pieces, type) : decodeInt64Data(*pieces, type);
    if (!bytes)
      return fail(bytes.takeError());
    return sourceFrom(std::move(*bytes));
  }

  /// The typed field that the ONNX specification names for this element type, when it is the one
  /// that holds data.
  const std::vector<Bytes> *typedDataField() const {
    const std::vector<Bytes> *field;
    switch (type) {
    case ir::DataType::Float32:
    case ir::DataType::Complex64:
      field = &located.floats;
      break;
    case ir::DataType::Float64:
    case ir::DataType::Complex128:
      field = &located.doubles;
      break;
    case ir::DataType::Int64:
      field = &located.int64s;
      break;
    case ir::DataType::UInt32:
    case ir::DataType::UInt64:
      field = &located.uint64s;
      break;
    default:
      field = &located.int32s;
    }
    return field->empty() ? nullptr : field;
  }

  llvm::Error checkSize(uint64_t actual) const {
    if (actual == byteSize)
      return llvm::Error::success();
    return fail("its shape and type need " + llvm::Twine(byteSize) + " bytes, its data has " +
                llvm::Twine(actual));
  }

  /// Bytes of the image: by position when they are many.
  llvm::Expected<ir::TensorSourceRef> sourceOf(Bytes bytes) {
    if (auto error = checkSize(bytes.size()))
      return error;
    if (!context.file || bytes.size() < context.options.inlineLimit)
      return ir::makeInlineSource(std::vector<uint8_t>(bytes.begin(), bytes.end()));
    return ir::makeFileRangeSource({context.file, context.offsetOf(bytes.data()), bytes.size()});
  }
  llvm::Expected<ir::TensorSourceRef> sourceFrom(std::vector<uint8_t> bytes) {
    if (auto error = checkSize(bytes.size()))
      return error;
    return ir::makeInlineSource(std::move(bytes));
  }

  llvm::Expected<ir::TensorSourceRef> externalSource() {
    if (usedPayloadFields() != 0)
      return fail("it is marked as external but holds data too");
    if (!context.external)
      return fail("its data is in another file, which a model in memory cannot refer to");
    ExternalRange range;
    range.length = byteSize;
    for (const auto &entry : located.header.external_data()) {
      llvm::StringRef value = entry.value();
      if (entry.key() == "location")
        range.location = value;
      else if (entry.key() == "offset" && value.getAsInteger(10, range.offset))
        return fail("the offset of its data, '" + value + "', is not a number of bytes");
      else if (entry.key() == "length" && value.getAsInteger(10, range.length))
        return fail("the length of its data, '" + value + "', is not a number of bytes");
    }
    if (auto error = checkSize(range.length))
      return error;
    auto source = context.external->resolve(located.header.name(), range);
    return source ? std::move(source) : fail(source.takeError());
  }

  void warnAboutHeader() {
    const proto::TensorProto &header = located.header;
    context.warnUnknownFields(header);
    for (const auto &entry : header.external_data())
      if (!isExternal())
        context.warn("tensors have external_data entries but are not marked as external; the "
                     "entries are dropped",
                     " ('" + header.name() + "')");
      else if (entry.key() != "location" && entry.key() != "offset" && entry.key() != "length" &&
               entry.key() != "checksum")
        context.warn("the key '" + entry.key() + "' of external data is dropped");
  }

  ReadContext &context;
  Bytes message;
  LocatedTensor &located;
  ir::Tensor::Dims dims;
  ir::DataType type = ir::DataType::Undefined;
  uint64_t elements = 0;
  uint64_t byteSize = 0;
};

} // namespace

llvm::Expected<ir::TensorRef> readTensor(ReadContext &context, Bytes message) {
  LocatedTensor located{context.tensorHeader};
  if (auto error = locate(context, message, located))
    return error;
  return TensorBuilder(context, message, located).build();
}

llvm::Expected<ir::SparseTensor> readSparseTensor(ReadContext &context, Bytes message) {
  ir::SparseTensor sparse;
  WireReader reader(message);
  WireField field;
  Splice header;
  while (reader.next(field)) {
    bool isValues = field.number == proto::SparseTensorProto::kValuesFieldNumber;
    if (!isValues && field.number != proto::SparseTensorProto::kIndicesFieldNumber) {
      header.keep(field.whole);
      continue;
    }
    if (auto error = context.expectDelimited(field, "a sparse tensor"))
      return error;
    ir::TensorRef &part = isValues ? sparse.values : sparse.indices;
    if (part)
      return context.errorAt(field.whole, "a sparse tensor has its values or indices twice");
    auto tensor = readTensor(context, field.content);
    if (!tensor)
      return tensor.takeError();
    part = std::move(*tensor);
  }
  if (auto error = context.problemOf(reader, "a sparse tensor"))
    return error;
  proto::SparseTensorProto shell;
  if (auto error = context.parse(shell, header.bytes(), "a sparse tensor"))
    return error;
  context.warnUnknownFields(shell);
  sparse.dims.assign(shell.dims().begin(), shell.dims().end());
  if (!sparse.values)
    return context.errorAt(message, "a sparse tensor has no values");
  if (!countElements(sparse.dims))
    return context.errorAt(message,
                           "sparse tensor '" + sparse.values->name() +
                               "': its shape has a negative dimension or too many elements");
  return sparse;
}

} // namespace optrun::onnx

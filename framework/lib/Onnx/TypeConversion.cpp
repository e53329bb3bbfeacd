// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Protobuf bounds the nesting of types (100 levels), so that recursion here is bounded too.

#include "TypeConversion.h"

namespace optrun::onnx {

namespace {

class TypeReader {
public:
  explicit TypeReader(llvm::function_ref<void(const std::string &, int)> noteUnknown)
      : noteUnknown(noteUnknown) {}

  llvm::Expected<ir::Type> read(const proto::TypeProto &type) {
    check(type);
    auto result = readKind(type);
    if (result)
      result->denotation = type.denotation();
    return result;
  }

private:
  llvm::Expected<ir::Type> readKind(const proto::TypeProto &type) {
    switch (type.value_case()) {
    case proto::TypeProto::kTensorType:
      return readTensor(type.tensor_type(), ir::Type::tensor);
    case proto::TypeProto::kSparseTensorType:
      return readTensor(type.sparse_tensor_type(), ir::Type::sparseTensor);
    case proto::TypeProto::kSequenceType:
      check(type.sequence_type());
      return wrap(type.sequence_type().elem_type(), ir::Type::sequence);
    case proto::TypeProto::kOptionalType:
      check(type.optional_type());
      return wrap(type.optional_type().elem_type(), ir::Type::optional);
    case proto::TypeProto::kMapType: {
      check(type.map_type());
      auto key = readElement(type.map_type().key_type());
      if (!key)
        return key.takeError();
      return wrap(type.map_type().value_type(),
                  [&](ir::Type value) { return ir::Type::map(*key, std::move(value)); });
    }
    case proto::TypeProto::kOpaqueType:
      check(type.opaque_type());
      return ir::Type::opaque(type.opaque_type().domain(), type.opaque_type().name());
    case proto::TypeProto::VALUE_NOT_SET:
      break;
    }
    return ir::Type();
  }

  template <typename Make>
  llvm::Expected<ir::Type> wrap(const proto::TypeProto &element, Make make) {
    auto inner = read(element);
    if (!inner)
      return inner.takeError();
    return make(std::move(*inner));
  }

  template <typename TensorType, typename Make>
  llvm::Expected<ir::Type> readTensor(const TensorType &type, Make make) {
    check(type);
    auto element = readElement(type.elem_type());
    if (!element)
      return element.takeError();
    if (!type.has_shape())
      return make(*element, std::nullopt);
    check(type.shape());
    ir::Shape shape;
    shape.reserve(static_cast<size_t>(type.shape().dim_size()));
    for (const auto &dim : type.shape().dim()) {
      check(dim);
      ir::Dimension &dimension = shape.emplace_back();
      dimension.denotation = dim.denotation();
      dimension.symbol = dim.dim_param();
      // Some exporters write -1 for an unknown extent.
      if (dim.has_dim_value() && dim.dim_value() >= 0)
        dimension.extent = dim.dim_value();
    }
    return make(*element, std::move(shape));
  }

  static llvm::Expected<ir::DataType> readElement(int32_t code) {
    if (auto element = ir::dataTypeFromCode(code))
      return *element;
    return makeError("element type " + llvm::Twine(code) + " is not supported");
  }

  template <typename Proto> void check(const Proto &message) {
    if (noteUnknown && !message.unknown_fields().empty())
      noteUnknown(message.GetTypeName(), message.unknown_fields().field(0).number());
  }

  llvm::function_ref<void(const std::string &, int)> noteUnknown;
};

} // namespace

llvm::Expected<ir::Type> readType(const proto::TypeProto &type,
                                  llvm::function_ref<void(const std::string &, int)> noteUnknown) {
  return TypeReader(noteUnknown).read(type);
}

} // namespace optrun::onnx

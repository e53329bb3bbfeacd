// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes and completes messages of types.

#include "TypeMessages.h"

#include "Encoder.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::onnx {
namespace {

template <typename TensorType>
void describe(TensorType &type, ir::DataType element, llvm::ArrayRef<int64_t> dims) {
  type.set_elem_type(static_cast<int32_t>(element));
  type.mutable_shape();
  for (int64_t extent : dims)
    type.mutable_shape()->add_dim()->set_dim_value(extent);
}

} // namespace

proto::TypeProto messageOf(const ir::Type &type) {
  proto::TypeProto message;
  message.ParseFromString(encodeType(type).encoding().str());
  return message;
}

proto::TypeProto messageOf(const ir::Tensor &tensor) {
  proto::TypeProto message;
  describe(*message.mutable_tensor_type(), tensor.dataType(), tensor.dims());
  return message;
}

proto::TypeProto messageOf(const ir::SparseTensor &tensor) {
  proto::TypeProto message;
  describe(*message.mutable_sparse_tensor_type(), tensor.values->dataType(), tensor.dims);
  return message;
}

proto::TypeProto scalarMessage(int32_t element) {
  proto::TypeProto message;
  message.mutable_tensor_type()->set_elem_type(element);
  message.mutable_tensor_type()->mutable_shape();
  return message;
}

bool hasKnownExtents(const proto::TypeProto &type) {
  return type.has_tensor_type() && type.tensor_type().has_shape() &&
         llvm::all_of(type.tensor_type().shape().dim(),
                      [](const auto &dim) { return dim.has_dim_value(); });
}

void fixDimensions(proto::TypeProto &type,
                   llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> evaluate) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape())
    return;
  for (auto &dim : *type.mutable_tensor_type()->mutable_shape()->mutable_dim()) {
    if (dim.has_dim_value())
      continue;
    const auto extent = dim.has_dim_param() ? evaluate(dim.dim_param()) : std::nullopt;
    if (extent && *extent >= 0)
      dim.set_dim_value(*extent);
    else
      dim.clear_dim_param();
  }
}

void takeOver(proto::TypeProto &type, const proto::TypeProto &known) {
  if (type.value_case() == proto::TypeProto::VALUE_NOT_SET) {
    type = known;
    return;
  }
  if (!type.has_tensor_type() || !known.has_tensor_type())
    return;
  auto &tensor = *type.mutable_tensor_type();
  if (tensor.elem_type() == proto::TensorProto::UNDEFINED)
    tensor.set_elem_type(known.tensor_type().elem_type());
  if (!known.tensor_type().has_shape())
    return;
  const auto &dims = known.tensor_type().shape().dim();
  if (!tensor.has_shape())
    *tensor.mutable_shape() = known.tensor_type().shape();
  else if (tensor.shape().dim_size() == dims.size())
    for (auto [dim, other] : llvm::zip_equal(*tensor.mutable_shape()->mutable_dim(), dims))
      if (!dim.has_dim_value() && other.has_dim_value())
        dim.set_dim_value(other.dim_value());
}

} // namespace optrun::onnx

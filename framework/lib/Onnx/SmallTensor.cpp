// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading, writing and broadcasting small tensors, and what a node says about its inputs.

#include "SmallTensor.h"

#include <onnx/defs/tensor_proto_util.h>

namespace optrun::onnx {

SmallTensor SmallTensor::vector(llvm::ArrayRef<int64_t> values, int32_t type) {
  return {type, {static_cast<int64_t>(values.size())}, {values.begin(), values.end()}};
}

std::optional<size_t> countElements(llvm::ArrayRef<int64_t> dims) {
  uint64_t count = 1;
  for (int64_t extent : dims) {
    if (extent < 0 || static_cast<uint64_t>(extent) > SmallTensor::MaxElements)
      return std::nullopt;
    count *= static_cast<uint64_t>(extent);
    if (count > SmallTensor::MaxElements)
      return std::nullopt;
  }
  return static_cast<size_t>(count);
}

std::optional<SmallTensor> readSmallTensor(const proto::TensorProto &tensor) {
  SmallTensor result;
  result.type = tensor.data_type();
  result.dims.assign(tensor.dims().begin(), tensor.dims().end());
  const auto count = countElements(result.dims);
  if (!count || tensor.data_location() == proto::TensorProto::EXTERNAL)
    return std::nullopt;
  auto take = [&](const auto &values) { result.values.assign(values.begin(), values.end()); };
  switch (tensor.data_type()) {
  case proto::TensorProto::INT64:
    take(proto::ParseData<int64_t>(&tensor));
    break;
  case proto::TensorProto::INT32:
    take(proto::ParseData<int32_t>(&tensor));
    break;
  case proto::TensorProto::BOOL:
    if (tensor.has_raw_data())
      take(tensor.raw_data());
    else
      take(tensor.int32_data());
    for (int64_t &value : result.values)
      value = value != 0;
    break;
  default:
    return std::nullopt;
  }
  return result.values.size() == *count ? std::optional(result) : std::nullopt;
}

proto::TensorProto writeSmallTensor(const SmallTensor &tensor) {
  proto::TensorProto result;
  result.set_data_type(tensor.type);
  for (int64_t extent : tensor.dims)
    result.add_dims(extent);
  for (int64_t value : tensor.values)
    if (tensor.type == proto::TensorProto::INT64)
      result.add_int64_data(value);
    else
      result.add_int32_data(static_cast<int32_t>(value));
  return result;
}

std::optional<SmallTensor::Dims> broadcastDims(llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes) {
  SmallTensor::Dims result;
  for (llvm::ArrayRef<int64_t> shape : shapes) {
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), 1);
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t &extent = result[result.size() - shape.size() + i];
      if (extent == 1)
        extent = shape[i];
      else if (shape[i] != 1 && shape[i] != extent)
        return std::nullopt;
    }
  }
  return result;
}

int64_t broadcastElement(const SmallTensor &tensor, llvm::ArrayRef<int64_t> dims, size_t index) {
  size_t offset = 0, stride = 1;
  for (size_t axis = dims.size(); axis-- > 0;) {
    const auto extent = static_cast<size_t>(dims[axis]);
    const size_t place = index % extent;
    index /= extent;
    const size_t fromLast = dims.size() - axis; // 1 for the last axis
    if (fromLast > tensor.dims.size())
      break;
    const auto own = static_cast<size_t>(tensor.dims[tensor.dims.size() - fromLast]);
    offset += own == 1 ? 0 : place * stride;
    stride *= own;
  }
  return tensor.values[offset];
}

const proto::AttributeProto *SmallNode::attribute(llvm::StringRef name) const {
  for (const proto::AttributeProto &each : node.attribute())
    if (each.name() == name)
      return &each;
  return nullptr;
}

int64_t SmallNode::integer(llvm::StringRef name, int64_t otherwise) const {
  const proto::AttributeProto *found = attribute(name);
  return found ? found->i() : otherwise;
}

std::optional<llvm::ArrayRef<int64_t>> SmallNode::integers(size_t index,
                                                           llvm::StringRef name) const {
  if (const SmallTensor *given = input(index))
    return llvm::ArrayRef<int64_t>(given->values);
  if (!isOmitted(static_cast<int>(index)))
    return std::nullopt;
  const proto::AttributeProto *given = attribute(name);
  return given ? llvm::ArrayRef<int64_t>(given->ints().data(),
                                         static_cast<size_t>(given->ints_size()))
               : llvm::ArrayRef<int64_t>();
}

} // namespace optrun::onnx

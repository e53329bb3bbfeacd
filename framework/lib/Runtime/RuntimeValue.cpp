// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Values in ONNX Runtime's memory.

#include "optrun/Runtime/RuntimeValue.h"

#include "Runtime/Api.h"

#include "optrun/Runtime/OnnxRuntime.h"

#include <cstring>
#include <utility>

using namespace llvm;

namespace optrun::runtime {

RuntimeValue::RuntimeValue(RuntimeValue &&other) noexcept { *this = std::move(other); }

RuntimeValue &RuntimeValue::operator=(RuntimeValue &&other) noexcept {
  std::swap(handle, other.handle);
  std::swap(elementType, other.elementType);
  std::swap(extents, other.extents);
  std::swap(data, other.data);
  std::swap(byteSize, other.byteSize);
  std::swap(stringElements, other.stringElements);
  return *this;
}

Expected<RuntimeValue> RuntimeValue::of(const ir::Tensor &tensor) {
  if (tensor.dataType() == ir::DataType::String)
    return stringTensor(tensor.dims(), tensor.strings());
  Expected<std::vector<uint8_t>> bytes = tensor.readAll();
  if (!bytes)
    return bytes.takeError();
  return RuntimeValue::tensor(tensor.dataType(), tensor.dims(), *bytes);
}

#if OPTRUN_HAVE_ONNXRUNTIME

namespace {

/// Element types have ONNX's numbers up to here. Newer ones are unknown to the headers that we
/// need.
constexpr auto LastCommonType = ir::DataType::Int4;

ONNXTensorElementDataType toRuntimeType(ir::DataType type) {
  return type <= LastCommonType ? static_cast<ONNXTensorElementDataType>(type)
                                : ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

/// Elements of \p dims; nullopt when one is negative or the product overflows.
std::optional<uint64_t> countElements(ArrayRef<int64_t> dims) {
  uint64_t count = 1;
  for (int64_t extent : dims)
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(extent), &count))
      return std::nullopt;
  return count;
}

Expected<OrtValue *> allocate(const Api &api, ir::DataType type, ArrayRef<int64_t> dims) {
  ONNXTensorElementDataType runtimeType = toRuntimeType(type);
  if (runtimeType == ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED)
    return createStringError("ONNX Runtime has no tensors of type " + ir::dataTypeName(type));
  OrtAllocator *allocator = nullptr;
  if (OrtStatus *status = api.ort->GetAllocatorWithDefaultOptions(&allocator))
    return toError(api, status, "ONNX Runtime has no allocator");
  OrtValue *value = nullptr;
  if (OrtStatus *status =
          api.ort->CreateTensorAsOrtValue(allocator, dims.data(), dims.size(), runtimeType, &value))
    return toError(api, status, "ONNX Runtime cannot make a tensor");
  return value;
}

/// Reads the elements of a tensor of strings.
Error readStrings(const Api &api, const OrtValue *value, size_t count,
                  std::vector<std::string> &strings) {
  for (size_t i = 0; i != count; ++i) {
    size_t length = 0;
    if (OrtStatus *status = api.ort->GetStringTensorElementLength(value, i, &length))
      return toError(api, status, "ONNX Runtime returned a bad string");
    std::string text(length, '\0');
    if (OrtStatus *status = api.ort->GetStringTensorElement(value, length, i, text.data()))
      return toError(api, status, "ONNX Runtime returned a bad string");
    strings.push_back(std::move(text));
  }
  return Error::success();
}

} // namespace

RuntimeValue::~RuntimeValue() {
  if (handle)
    cantFail(api()).ort->ReleaseValue(static_cast<OrtValue *>(handle));
}

Expected<RuntimeValue> RuntimeValue::adopt(void *handle) {
  const Api &api = cantFail(runtime::api());
  RuntimeValue result;
  result.handle = handle;
  auto *value = static_cast<OrtValue *>(handle);
  int isTensor = 0;
  if (OrtStatus *status = api.ort->IsTensor(value, &isTensor))
    return toError(api, status, "ONNX Runtime returned a bad value");
  if (!isTensor)
    return result;

  OrtTensorTypeAndShapeInfo *info = nullptr;
  if (OrtStatus *status = api.ort->GetTensorTypeAndShape(value, &info))
    return toError(api, status, "ONNX Runtime returned a bad tensor");
  Owned<OrtTensorTypeAndShapeInfo> owned(info, {api.ort->ReleaseTensorTypeAndShapeInfo});
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  size_t rank = 0, count = 0;
  OrtStatus *status = api.ort->GetTensorElementType(info, &type);
  if (!status)
    status = api.ort->GetDimensionsCount(info, &rank);
  result.extents.resize(rank);
  if (!status)
    status = api.ort->GetDimensions(info, result.extents.data(), rank);
  if (!status)
    status = api.ort->GetTensorShapeElementCount(info, &count);
  if (status)
    return toError(api, status, "ONNX Runtime returned a bad tensor");
  if (static_cast<int>(type) > static_cast<int>(LastCommonType))
    return createStringError("ONNX Runtime returned a tensor of an unknown type");
  result.elementType = static_cast<ir::DataType>(type);
  if (result.elementType == ir::DataType::String) {
    if (Error error = readStrings(api, value, count, result.stringElements))
      return error;
    return result;
  }
  void *data = nullptr;
  if (OrtStatus *failed = api.ort->GetTensorMutableData(value, &data))
    return toError(api, failed, "ONNX Runtime returned a bad tensor");
  result.data = static_cast<const uint8_t *>(data);
  result.byteSize = ir::packedByteSize(result.elementType, count).value_or(0);
  return result;
}

Expected<RuntimeValue> RuntimeValue::tensor(ir::DataType type, ArrayRef<int64_t> dims,
                                            ArrayRef<uint8_t> bytes) {
  Expected<const Api &> api = runtime::api();
  if (!api)
    return api.takeError();
  std::optional<uint64_t> count = countElements(dims);
  if (!count || ir::packedByteSize(type, *count) != bytes.size())
    return createStringError("a tensor's bytes do not fit its type and shape");
  Expected<OrtValue *> value = allocate(*api, type, dims);
  if (!value)
    return value.takeError();
  Expected<RuntimeValue> result = adopt(*value);
  if (result && !bytes.empty())
    std::memcpy(const_cast<uint8_t *>(result->data), bytes.data(), bytes.size());
  return result;
}

Expected<RuntimeValue> RuntimeValue::stringTensor(ArrayRef<int64_t> dims,
                                                  ArrayRef<std::string> strings) {
  Expected<const Api &> api = runtime::api();
  if (!api)
    return api.takeError();
  if (countElements(dims) != strings.size())
    return createStringError("a tensor's strings are not as many as its shape says");
  Expected<OrtValue *> value = allocate(*api, ir::DataType::String, dims);
  if (!value)
    return value.takeError();
  std::vector<const char *> pointers;
  for (const std::string &text : strings)
    pointers.push_back(text.c_str());
  if (OrtStatus *status = api->ort->FillStringTensor(*value, pointers.data(), pointers.size())) {
    api->ort->ReleaseValue(*value);
    return toError(*api, status, "ONNX Runtime cannot make a tensor of strings");
  }
  return adopt(*value);
}

#else

RuntimeValue::~RuntimeValue() = default;

Expected<RuntimeValue> RuntimeValue::adopt(void *) { return version().takeError(); }

Expected<RuntimeValue> RuntimeValue::tensor(ir::DataType, ArrayRef<int64_t>, ArrayRef<uint8_t>) {
  return version().takeError();
}

Expected<RuntimeValue> RuntimeValue::stringTensor(ArrayRef<int64_t>, ArrayRef<std::string>) {
  return version().takeError();
}

#endif // OPTRUN_HAVE_ONNXRUNTIME

} // namespace optrun::runtime

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Normalizing two models and comparing them message by message.

#include "TestSupport/ModelDiff.h"

#include "optrun/Onnx/OnnxWriter.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <google/protobuf/util/message_differencer.h>
#include <iterator>

namespace optrun::test {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string readFile(const std::filesystem::path &path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path << " cannot be opened";
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Calls \p visit for \p message and every message in it.
template <typename Visit> void walk(Message &message, Visit visit) {
  visit(message);
  std::vector<const FieldDescriptor *> fields;
  const auto *reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor *field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      continue;
    if (!field->is_repeated()) {
      walk(*reflection->MutableMessage(&message, field), visit);
      continue;
    }
    for (int index = 0; index < reflection->FieldSize(message, field); ++index)
      walk(*reflection->MutableRepeatedMessage(&message, field, index), visit);
  }
}

template <typename Visit> void forEachTensor(Message &message, Visit visit) {
  walk(message, [&](Message &inner) {
    if (auto *tensor = dynamic_cast<::onnx::TensorProto *>(&inner))
      visit(*tensor);
  });
}

/// Elements of a typed field, each narrowed to \p bytes bytes.
template <typename Field> std::string narrowed(const Field &field, size_t bytes) {
  std::string raw;
  for (auto element : field)
    raw.append(reinterpret_cast<const char *>(&element), bytes);
  return raw;
}

size_t bytesPerEntry(int type) {
  switch (type) {
  case ::onnx::TensorProto::INT32:
    return 4;
  case ::onnx::TensorProto::FLOAT16:
  case ::onnx::TensorProto::BFLOAT16:
  case ::onnx::TensorProto::INT16:
  case ::onnx::TensorProto::UINT16:
    return 2;
  default:
    return 1;
  }
}

void normalize(::onnx::TensorProto &tensor) {
  std::string raw = tensor.raw_data();
  raw += narrowed(tensor.float_data(), sizeof(float));
  raw += narrowed(tensor.double_data(), sizeof(double));
  raw += narrowed(tensor.int64_data(), sizeof(int64_t));
  raw += narrowed(tensor.uint64_data(), tensor.data_type() == ::onnx::TensorProto::UINT32 ? 4 : 8);
  raw += narrowed(tensor.int32_data(), bytesPerEntry(tensor.data_type()));
  tensor.clear_float_data();
  tensor.clear_double_data();
  tensor.clear_int64_data();
  tensor.clear_uint64_data();
  tensor.clear_int32_data();
  tensor.set_raw_data(raw);
}

} // namespace

::onnx::ModelProto loadProto(const std::string &path) {
  ::onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(readFile(path))) << path << " is no model";
  forEachTensor(model, [&](::onnx::TensorProto &tensor) {
    if (tensor.data_location() != ::onnx::TensorProto::EXTERNAL)
      return;
    std::string location;
    size_t offset = 0, length = std::string::npos;
    for (const auto &entry : tensor.external_data()) {
      if (entry.key() == "location")
        location = entry.value();
      else if (entry.key() == "offset")
        offset = std::stoull(entry.value());
      else if (entry.key() == "length")
        length = std::stoull(entry.value());
    }
    auto file = std::filesystem::path(path).parent_path() / location;
    tensor.set_raw_data(readFile(file).substr(offset, length));
    tensor.clear_external_data();
    tensor.clear_data_location();
  });
  return model;
}

::onnx::ModelProto toProto(const ir::Component &component) {
  ::onnx::ModelProto model;
  auto bytes = onnx::writeModelToMemory(component);
  if (!bytes)
    ADD_FAILURE() << llvm::toString(bytes.takeError());
  else
    EXPECT_TRUE(model.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())));
  return model;
}

namespace {

/// Some exporters write -1 for an unknown extent.
void normalize(::onnx::TensorShapeProto &shape) {
  for (auto &dim : *shape.mutable_dim())
    if (dim.dim_value() < 0)
      dim.clear_dim_value();
}

} // namespace

std::string modelDiff(::onnx::ModelProto expected, ::onnx::ModelProto actual) {
  for (auto *model : {&expected, &actual})
    walk(*model, [](Message &message) {
      if (auto *tensor = dynamic_cast<::onnx::TensorProto *>(&message))
        normalize(*tensor);
      if (auto *shape = dynamic_cast<::onnx::TensorShapeProto *>(&message))
        normalize(*shape);
    });
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_message_field_comparison(google::protobuf::util::MessageDifferencer::EQUIVALENT);
  differencer.set_float_comparison(google::protobuf::util::MessageDifferencer::EXACT);
  const auto *name = ::onnx::ValueInfoProto::descriptor()->FindFieldByName("name");
  for (const auto *owner : {::onnx::GraphProto::descriptor(), ::onnx::FunctionProto::descriptor()})
    differencer.TreatAsMap(owner->FindFieldByName("value_info"), name);
  std::string report;
  differencer.ReportDifferencesToString(&report);
  bool equal = differencer.Compare(expected, actual);
  constexpr size_t Enough = 4000;
  if (report.size() > Enough)
    report = report.substr(0, Enough) + "…\n";
  return equal ? "" : report;
}

testing::AssertionResult modelsEqual(const ::onnx::ModelProto &expected,
                                     const ::onnx::ModelProto &actual) {
  std::string difference = modelDiff(expected, actual);
  if (difference.empty())
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "the models differ:\n" << difference;
}

testing::AssertionResult modelsEqual(const ir::Component &expected, const ir::Component &actual) {
  return modelsEqual(toProto(expected), toProto(actual));
}

} // namespace optrun::test

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Running models, and what is said when that does not work.

#include "optrun/Runtime/Session.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

#include "optrun/Runtime/OnnxRuntime.h"

#include <cstring>
#include <map>

using namespace optrun;
using namespace optrun::runtime;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class RuntimeTest : public testing::Test {
protected:
  void SetUp() override {
    if (auto found = version(); !found)
      GTEST_SKIP() << llvm::toString(found.takeError());
  }

  /// The path of a file with the model in ONNX's textual syntax.
  std::string modelFile(llvm::StringRef text) {
    const std::string path = folder.path("model.onnx");
    std::filesystem::remove(path);
    writeModel(*parseModel(text), path);
    return path;
  }

  TemporaryFolder folder;
};

template <typename T>
RuntimeValue tensorOf(ir::DataType type, std::vector<int64_t> dims,
                      const std::vector<T> &elements) {
  llvm::ArrayRef bytes(reinterpret_cast<const uint8_t *>(elements.data()),
                       elements.size() * sizeof(T));
  return valueOf(RuntimeValue::tensor(type, dims, bytes));
}

RuntimeValue floats(std::vector<int64_t> dims, const std::vector<float> &elements) {
  return tensorOf(ir::DataType::Float32, std::move(dims), elements);
}

std::vector<float> floatsOf(const RuntimeValue &value) {
  std::vector<float> result(value.bytes().size() / sizeof(float));
  std::memcpy(result.data(), value.bytes().data(), value.bytes().size());
  return result;
}

using Values = std::map<std::string, const RuntimeValue *>;

llvm::Expected<std::vector<RuntimeValue>> run(Session &session, const Values &values) {
  return session.run([&](const std::string &name) {
    auto value = values.find(name);
    return value == values.end() ? nullptr : value->second;
  });
}

constexpr llvm::StringLiteral AddModel = R"(
  <ir_version: 8, opset_import: ["" : 17]>
  add (float[N] a, float[N] b) => (float[N] sum, float[N] difference) {
    sum = Add(a, b)
    difference = Sub(a, b)
  })";

TEST_F(RuntimeTest, RunsAModel) {
  for (bool optimize : {false, true}) {
    auto session = valueOf(Session::open(modelFile(AddModel), {optimize, 2}));
    EXPECT_THAT(session->inputs(), ElementsAre("a", "b"));
    EXPECT_THAT(session->outputs(), ElementsAre("sum", "difference"));
    RuntimeValue a = floats({2}, {1, 2}), b = floats({2}, {10, 20});
    auto outputs = valueOf(run(*session, {{"a", &a}, {"b", &b}}));
    ASSERT_EQ(outputs.size(), 2u);
    EXPECT_THAT(floatsOf(outputs[0]), ElementsAre(11, 22));
    EXPECT_THAT(floatsOf(outputs[1]), ElementsAre(-9, -18));
    EXPECT_THAT(outputs[0].dims(), ElementsAre(2));
  }
}

TEST_F(RuntimeTest, ValuesOutliveTheirSession) {
  RuntimeValue a = floats({1}, {1}), b = floats({1}, {2});
  auto session = valueOf(Session::open(modelFile(AddModel), {}));
  auto outputs = valueOf(run(*session, {{"a", &a}, {"b", &b}}));
  session.reset();
  EXPECT_THAT(floatsOf(outputs[0]), ElementsAre(3));
}

TEST_F(RuntimeTest, TakesEmptyTensorsAndScalars) {
  auto session = valueOf(Session::open(modelFile(AddModel), {}));
  RuntimeValue none = floats({0}, {});
  auto outputs = valueOf(run(*session, {{"a", &none}, {"b", &none}}));
  EXPECT_THAT(outputs[0].dims(), ElementsAre(0));
  EXPECT_TRUE(outputs[0].bytes().empty());
  EXPECT_TRUE(floats({}, {1}).dims().empty());
}

TEST_F(RuntimeTest, CarriesStrings) {
  RuntimeValue value = valueOf(RuntimeValue::stringTensor({2}, {"one", ""}));
  EXPECT_EQ(value.dataType(), ir::DataType::String);
  EXPECT_THAT(value.strings(), ElementsAre("one", ""));
  EXPECT_NE(errorOf(RuntimeValue::stringTensor({3}, {"one"})), "(no error)");
}

TEST_F(RuntimeTest, HandsSequencesOn) {
  auto make = valueOf(Session::open(modelFile(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    make (float[N] a) => (seq(float[N]) s) { s = SequenceConstruct(a, a) })"),
                                    {}));
  RuntimeValue a = floats({1}, {5});
  auto sequence = valueOf(run(*make, {{"a", &a}}));
  EXPECT_FALSE(sequence[0].isTensor());
  auto take = valueOf(Session::open(modelFile(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    take (seq(float[N]) s) => (float[M] joined) { joined = ConcatFromSequence <axis = 0> (s) })"),
                                    {}));
  EXPECT_THAT(floatsOf(valueOf(run(*take, {{"s", &sequence[0]}}))[0]), ElementsAre(5, 5));
}

TEST_F(RuntimeTest, RefusesTensorsThatAreNone) {
  const std::vector<uint8_t> three(3);
  EXPECT_NE(errorOf(RuntimeValue::tensor(ir::DataType::Float32, {1}, three)), "(no error)");
  EXPECT_NE(errorOf(RuntimeValue::tensor(ir::DataType::Int8, {-3}, three)), "(no error)");
  EXPECT_NE(errorOf(RuntimeValue::tensor(ir::DataType::Int8, {int64_t(1) << 40, int64_t(1) << 40},
                                         three)),
            "(no error)");
}

TEST_F(RuntimeTest, NamesTheInputWithoutAValue) {
  auto session = valueOf(Session::open(modelFile(AddModel), {}));
  RuntimeValue a = floats({1}, {1});
  EXPECT_THAT(errorOf(run(*session, {{"a", &a}})), HasSubstr("'b'"));
}

TEST_F(RuntimeTest, SaysWhatTheRuntimeSays) {
  auto session = valueOf(Session::open(modelFile(AddModel), {}));
  RuntimeValue a = floats({2}, {1, 2}), b = floats({3}, {1, 2, 3});
  EXPECT_THAT(errorOf(run(*session, {{"a", &a}, {"b", &b}})), HasSubstr("cannot run the model"));
  EXPECT_THAT(errorOf(Session::open(folder.path("missing.onnx"), {})),
              AllOf(HasSubstr("cannot load"), HasSubstr("missing.onnx")));
  EXPECT_THAT(errorOf(Session::open(folder.write("broken.onnx", "not a model"), {})),
              HasSubstr("broken.onnx"));
}

TEST_F(RuntimeTest, ExplainsMissingKernels) {
  const std::string path = modelFile(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    half (bfloat16[N,N] a) => (bfloat16[N,N] b) { b = MatMul(a, a) })");
  EXPECT_THAT(errorOf(Session::open(path, {})), HasSubstr("does not implement"));
}

TEST_F(RuntimeTest, LoadsFromMemoryWithDataInAFolder) {
  auto model = parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    scale (float[2] a) => (float[2] b) <float[2] w = {3, 4}> { b = Mul(a, w) })");
  const ir::Tensor &weight = *model->graph.findValue("w")->tensor();
  const std::vector<uint8_t> bytes = valueOf(weight.readAll());
  folder.write("sub/weights.bin",
               "xyz" + std::string(reinterpret_cast<const char *>(bytes.data()), bytes.size()));
  onnx::WriteOptions options;
  options.external[&weight] = {"sub/weights.bin", 3, bytes.size()};
  auto serialized = valueOf(onnx::writeModelToMemory(*model, options));
  auto session = valueOf(Session::openFromMemory(serialized, folder.path(""), {}));
  RuntimeValue a = floats({2}, {1, 10});
  EXPECT_THAT(floatsOf(valueOf(run(*session, {{"a", &a}}))[0]), ElementsAre(3, 40));
}

} // namespace

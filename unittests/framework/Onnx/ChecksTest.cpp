// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The checker and shape inference through our interface.

#include "optrun/Onnx/Checks.h"

#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"

#include <gmock/gmock.h>

namespace optrun::onnx {
namespace {

using testing::HasSubstr;

std::string messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "no error";
}

std::string typeOf(const ir::Graph &graph, llvm::StringRef name) {
  std::string text;
  llvm::raw_string_ostream os(text);
  graph.findValue(name)->type().print(os);
  return text;
}

TEST(Checker, AcceptsAValidModel) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N, 4] x) => (float[N, 4] y) <float[4] w = {1.0, 2.0, 3.0, 4.0}> { y = Add(x, w) }
  )");
  EXPECT_EQ(messageOf(checkModel(*component)), "no error");
}

TEST(Checker, SaysWhatIsWrongAndWhere) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N, 4] x) => (float[N, 4] y) { [bad] y = Add <axis = 3> (x, x) }
  )");
  component->name = "split_0";
  std::string message = messageOf(checkModel(*component));
  EXPECT_THAT(message, testing::StartsWith("component 'split_0' is not valid ONNX: "));
  EXPECT_THAT(message, HasSubstr("axis"));
  EXPECT_THAT(message, HasSubstr("Name: bad"));
}

TEST(Checker, NamesTheValueWhoseRankIsUnknown) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21, "org.example" : 1]>
    model (float[N] x) => (float[N] y, float[N] z) { y = Neg(x) z = org.example.Anything(x) }
  )");
  component->name = "split_0";
  component->graph.findValue("z")->setType(ir::Type::tensor(ir::DataType::Float32));
  EXPECT_THAT(messageOf(checkModel(*component)),
              testing::StartsWith(
                  "component 'split_0' is not valid ONNX: the rank of its output 'z' is unknown"));
  component->graph.findValue("x")->setType(ir::Type::tensor(ir::DataType::Float32));
  EXPECT_THAT(messageOf(checkModel(*component)), HasSubstr("its input 'x'"));
}

TEST(Checker, AllowsOperatorsOfOnnxRuntime) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 15, "com.microsoft" : 1, "org.example" : 1]>
    model (float[N, 4] x) => (float[N, 4] y) <float[4] w = {1.0, 2.0, 3.0, 4.0}> {
      a = com.microsoft.QuickGelu <alpha = 1.702, unheard_of = 1> (x)
      b = SimplifiedLayerNormalization <axis = -1> (a, w)
      c = LayerNormalization <axis = -1> (b, w)
      y = org.example.Anything(c)
    }
  )");
  EXPECT_EQ(messageOf(checkModel(*component)), "no error");
  // The same after inference, which knows com.microsoft.
  EXPECT_EQ(messageOf(inferShapes(*component)), "no error");
  EXPECT_EQ(messageOf(checkModel(*component)), "no error");
  EXPECT_EQ(typeOf(component->graph, "c"), "float[N,4]");
  // The model itself stays as it was.
  EXPECT_EQ(std::next(component->graph.nodes().begin())->domain(), "");
  EXPECT_FALSE(component->opsetVersion("").value() == 21);
}

TEST(Checker, StillRefusesUnknownOperatorsOfOnnx) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N] x) => (float[N] y) { y = NoSuchOperator(x) }
  )");
  EXPECT_THAT(messageOf(checkModel(*component)), HasSubstr("NoSuchOperator"));
}

/// A weight that nothing may read.
class UnreadableSource final : public ir::TensorSource {
public:
  uint64_t byteSize() const override { return 1 << 20; }
  llvm::Error read(uint64_t, llvm::MutableArrayRef<uint8_t>) const override {
    return llvm::createStringError(std::errc::io_error, "it was read");
  }
};

TEST(Checker, NeverReadsLargeWeights) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (uint8[N, 1024] x) => (y) <uint8[1] w = {1}> { y = MatMulInteger(x, w) }
  )");
  component->graph.findValue("w")->setTensor(llvm::cantFail(ir::Tensor::create(
      "w", ir::DataType::UInt8, {1024, 1024}, std::make_shared<UnreadableSource>())));
  EXPECT_EQ(messageOf(inferShapes(*component)), "no error");
  EXPECT_EQ(messageOf(checkModel(*component)), "no error");
  EXPECT_EQ(typeOf(component->graph, "y"), "int32[N,1024]");
}

TEST(Checker, ChecksSparseInitializers) {
  std::string valid = R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N] x) => (float[N] y) { y = Neg(x) }
  )";
  auto withSparse = [&](int64_t index) {
    auto component = test::parseModel(valid);
    ir::Value *value = llvm::cantFail(component->graph.addValue("s"));
    std::vector<uint8_t> indices(8);
    indices[0] = static_cast<uint8_t>(index);
    component->graph.setSparseInitializer(
        *value, {llvm::cantFail(ir::Tensor::create("s", ir::DataType::Float32, {1},
                                                   ir::makeInlineSource(std::vector<uint8_t>(4)))),
                 llvm::cantFail(ir::Tensor::create("", ir::DataType::Int64, {1},
                                                   ir::makeInlineSource(indices))),
                 {100}});
    return messageOf(checkModel(*component));
  };
  EXPECT_EQ(withSparse(99), "no error");
  EXPECT_THAT(withSparse(100), HasSubstr("out of range"));
}

TEST(ShapeInference, FillsInTypesAndShapes) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[batch, 4] x, float[4, 8] w) => (y) {
      a = MatMul(x, w)
      s = Shape(a)
      y = Reshape(a, s)
    }
  )");
  ASSERT_EQ(messageOf(inferShapes(*component)), "no error");
  EXPECT_EQ(typeOf(component->graph, "a"), "float[batch,8]");
  EXPECT_EQ(typeOf(component->graph, "s"), "int64[2]");
  EXPECT_EQ(typeOf(component->graph, "y"), "float[batch,8]"); // by data propagation
}

TEST(ShapeInference, KeepsWhatIsThere) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[batch, 4] x) => (float[rows, ?] y) <float[?, ?] a, float b> {
      a = Abs(x)
      b = Neg(a)
      y = Exp(b)
    }
  )");
  component->graph.findValue("b")->setType(ir::Type::tensor(ir::DataType::Float32));
  ASSERT_EQ(messageOf(inferShapes(*component)), "no error");
  EXPECT_EQ(typeOf(component->graph, "a"), "float[batch,4]");
  EXPECT_EQ(typeOf(component->graph, "b"), "float[batch,4]");
  EXPECT_EQ(typeOf(component->graph, "y"), "float[rows,4]");
}

TEST(ShapeInference, CorrectsFixedExtentsThatAreWrong) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21, "org.example" : 1]>
    model (float[batch, 4] x, float[4, 8] w) => (float[rows, 9] y)
        <float[batch, 9] a, float[n, 9] b, float[5, 5] custom, float[5, 5] after> {
      a = MatMul(x, w)
      b = Neg(a)
      custom = org.example.Anything(b)
      after = Neg(custom)
      open = Abs(b)
      y = Exp(open)
    }
  )");
  std::vector<std::string> warnings;
  ASSERT_EQ(messageOf(inferShapes(*component, &warnings)), "no error");
  EXPECT_THAT(warnings, testing::UnorderedElementsAre(
                            "the model says that 'a' is float[batch,9], but it is "
                            "float[batch,8]; the latter is used",
                            HasSubstr("'b' is float[n,9], but it is float[n,8]"),
                            HasSubstr("'y' is float[rows,9], but it is float[rows,8]")));
  EXPECT_EQ(typeOf(component->graph, "a"), "float[batch,8]");
  EXPECT_EQ(typeOf(component->graph, "b"), "float[n,8]");
  EXPECT_EQ(typeOf(component->graph, "y"), "float[rows,8]");
  EXPECT_EQ(typeOf(component->graph, "custom"), "float[5,5]") << "nothing contradicts it";
  EXPECT_EQ(typeOf(component->graph, "after"), "float[5,5]");
  EXPECT_EQ(typeOf(component->graph, "open"), "float[n,8]");
  warnings.clear();
  ASSERT_EQ(messageOf(inferShapes(*component, &warnings)), "no error");
  EXPECT_THAT(warnings, testing::IsEmpty());
}

TEST(ShapeInference, SumsUpManyWrongShapes) {
  std::string infos = "float[9] v0", nodes = "v0 = Neg(x)\n";
  for (int i = 1; i < 12; ++i) {
    const std::string name = "v" + std::to_string(i);
    infos += ", float[9] " + name;
    nodes += name + " = Neg(v" + std::to_string(i - 1) + ")\n";
  }
  auto component = test::parseModel(R"(<ir_version: 10, opset_import: ["" : 21]>
    model (float[8] x) => (y) <)" + infos +
                                    "> {" + nodes + "y = Neg(v11) }");
  std::vector<std::string> warnings;
  ASSERT_EQ(messageOf(inferShapes(*component, &warnings)), "no error");
  ASSERT_EQ(warnings.size(), 6u);
  EXPECT_EQ(warnings.back(), "the model states wrong shapes for 7 more values");
}

TEST(ShapeInference, ReachesNestedGraphsAndThroughFunctions) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21, "local" : 1]>
    model (bool c, float[N, 4] x) => (y) {
      y = If <then_branch = t () => (a) { inner = local.Twice(x)  a = Exp(inner) },
              else_branch = e () => (b) { b = Neg(x) }> (c)
    }
    <domain: "local", opset_import: ["" : 21]>
    Twice (v) => (w) { w = Add(v, v) }
  )");
  ASSERT_EQ(messageOf(inferShapes(*component)), "no error");
  EXPECT_EQ(typeOf(component->graph, "y"), "float[N,4]");
  component->graph.nodes().front().forEachSubgraph([&](ir::Graph &graph) {
    if (graph.name == "t") {
      EXPECT_EQ(typeOf(graph, "inner"), "float[N,4]");
    }
  });
}

TEST(ShapeInference, LeavesUnknownOperatorsUnknown) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21, "org.example" : 1]>
    model (float[N] x) => (y) { a = org.example.Anything(x) y = Neg(a) }
  )");
  ASSERT_EQ(messageOf(inferShapes(*component)), "no error");
  EXPECT_EQ(component->graph.findValue("a")->type().kind(), ir::Type::Kind::Unknown);
}

TEST(ShapeInference, DoesNothingWhenEveryShapeIsStated) {
  // The library would complain about the domain, which is not imported.
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N] x) => (float[N] y) { y = com.microsoft.Gelu(x) }
  )");
  EXPECT_EQ(messageOf(inferShapes(*component)), "no error");
}

TEST(ShapeInference, AnInvalidModelIsAnErrorNotACrash) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N] x) => (float[N] y) {
      a = com.microsoft.Gelu(x)
      y = com.microsoft.Gelu(a)
    }
  )");
  EXPECT_THAT(messageOf(inferShapes(*component)),
              HasSubstr("shape inference on the model failed: "));
}

} // namespace
} // namespace optrun::onnx

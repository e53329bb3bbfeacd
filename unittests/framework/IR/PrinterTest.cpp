// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The text form.

#include "optrun/IR/Printer.h"

#include "GraphBuilder.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::ir;
using namespace optrun::test;
using testing::HasSubstr;
using testing::Not;

namespace {

template <typename T> std::string textOf(const T &object) {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(object, os);
  return text;
}

TEST(Printer, ShowsAGraphLikeOnnxText) {
  Graph graph;
  graph.name = "main";
  GraphBuilder build(graph);
  build.input("x", Type::tensor(DataType::Float32, Shape{{.symbol = "batch"}, {4}}));
  build.initializer("w", {1, -0.5f, 1e-10f});
  Node *node = build.node("MatMulNBits", {"x", "w", ""}, {"y"}, "/layers.0/up_proj/MatMul");
  node->attributes().emplace_back("K", int64_t(128));
  node->attributes().emplace_back("mode", std::string("a \"b\""));
  node->attributes().emplace_back("alpha", 0.1f);
  node->attributes().emplace_back("axes", std::vector<int64_t>{-1, 0});
  node->modulePath = "layers.0.up_proj";
  build.value("y")->setType(Type::tensor(DataType::Float16, Shape{{}, {4}}));
  build.output("y");
  EXPECT_EQ(textOf(graph), R"(main (float[batch,4] x) => (float16[?,4] y)
<
  float[3] w = {1, -0.5, 1e-10}
>
{
  ["/layers.0/up_proj/MatMul"] y = MatMulNBits <K = 128, mode = "a \22b\22", alpha = 0.1, axes = [-1, 0]> (x, w, "")  # float16[?,4] @ layers.0.up_proj
}
)");
}

TEST(Printer, ShowsNestedGraphsIndented) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("x");
  Node *branch = build.node("If", {"x"}, {"y"});
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  then.initializer("c", {2});
  then.node("Add", {"x", "c"}, {"z"});
  then.output("z");
  EXPECT_EQ(textOf(graph), R"(graph (x) => ()
{
  y = If <then_branch = then_branch () => (z)
    <
      float[1] c = {2}
    >
    {
      z = Add (x, c)
    }> (x)
}
)");
}

TEST(Printer, ElidesLargeTensorsAndSaysWhereTheyLie) {
  TemporaryFolder folder;
  std::string path = folder.write("model.data", std::string(8192, 'x'));
  Graph graph;
  GraphBuilder build(graph);
  build.initializer("long", std::vector<float>(17, 1));
  TensorSourceRef range =
      valueOf(makeFileRangeSource({valueOf(FileHandle::open(path)), 4096, 4096}));
  graph.setInitializer(*build.local("file"),
                       valueOf(Tensor::create("file", DataType::Float32, {32, 32}, range)));
  TensorSourceRef cast = valueOf(makeCastSource(range, DataType::Float32, DataType::Float16));
  graph.setInitializer(*build.local("cast"),
                       valueOf(Tensor::create("cast", DataType::Float16, {1024}, cast)));
  std::string text = textOf(graph);
  EXPECT_THAT(text, HasSubstr("long = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ...}"));
  EXPECT_THAT(text,
              HasSubstr("float[32,32] file = file(\"model.data\", offset 4096, length 4096)"));
  EXPECT_THAT(text, HasSubstr("float16[1024] cast = derived(2048 bytes)"));
  EXPECT_THAT(text, Not(HasSubstr(folder.path("")))) << "dumps of two machines should compare";
}

TEST(Printer, ShowsElementsOfEveryKind) {
  auto data = [](DataType type, Tensor::Dims dims, std::vector<uint8_t> bytes) {
    Graph graph;
    graph.setInitializer(
        *valueOf(graph.addValue("t")),
        valueOf(Tensor::create("t", type, dims, makeInlineSource(std::move(bytes)))));
    std::string text = textOf(graph);
    size_t begin = text.find('{');
    return text.substr(begin, text.find('}') + 1 - begin);
  };
  EXPECT_EQ(data(DataType::Int4, {3}, {0xf8, 0x07}), "{-8, -1, 7}");
  EXPECT_EQ(data(DataType::UInt4, {3}, {0xf8, 0x07}), "{8, 15, 7}");
  EXPECT_EQ(data(DataType::Int2, {4}, {0b11100100}), "{0, 1, -2, -1}");
  EXPECT_EQ(data(DataType::UInt2, {4}, {0b11100100}), "{0, 1, 2, 3}");
  EXPECT_EQ(data(DataType::Int8, {2}, {0xff, 1}), "{-1, 1}");
  EXPECT_EQ(data(DataType::Bool, {2}, {0, 1}), "{0, 1}");
  EXPECT_EQ(data(DataType::UInt16, {1}, {0xff, 0xff}), "{65535}");
  EXPECT_EQ(data(DataType::Int16, {1}, {0xff, 0xff}), "{-1}");
  EXPECT_EQ(data(DataType::Float16, {2}, {0x00, 0x3c, 0x00, 0xfc}), "{1, -inf}");
  EXPECT_EQ(data(DataType::BFloat16, {1}, {0x80, 0x3f}), "{1}");
  EXPECT_EQ(data(DataType::Int64, {1}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), "{-1}");
  EXPECT_EQ(data(DataType::Float64, {}, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}), "{1}");
  EXPECT_EQ(data(DataType::Float8E8M0, {2}, {0x7f, 0x80}), "{0x7f, 0x80}");
  EXPECT_EQ(data(DataType::Float4E2M1, {2}, {0x2f}), "{0xf, 0x2}");
  EXPECT_EQ(data(DataType::Int32, {0}, {}), "{}");
}

TEST(Printer, QuotesUnusualNamesAndStrings) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("with space");
  build.input("line\nbreak");
  graph.setInitializer(*build.local("s"), valueOf(Tensor::createStrings("s", {2}, {"a\"", ""})));
  std::string text = textOf(graph);
  EXPECT_THAT(text, HasSubstr("(\"with space\", \"line\\0Abreak\")"));
  EXPECT_THAT(text, HasSubstr("string[2] s = {\"a\\22\", \"\"}"));
}

TEST(Printer, ShowsFunctionsAndAttachmentsOfAPackage) {
  struct Note final : Attachment {
    llvm::StringRef id() const override { return "test.Note/1"; }
    void print(llvm::raw_ostream &os) const override { os << "one\ntwo\n"; }
  };
  Package package;
  auto component = std::make_unique<Component>();
  component->name = "split_0";
  component->irVersion = 10;
  component->opsets = {{"", 21}};
  auto function = std::make_unique<Function>();
  function->domain = "local";
  function->name = "Block";
  function->opsets = {{"", 21}};
  function->attributes = {"alpha"};
  GraphBuilder body(function->body);
  body.input("a");
  body.node("Elu", {"a"}, {"b"})
      ->attributes()
      .emplace_back("alpha", AttributeReference{"alpha", 1});
  body.output("b");
  component->functions.push_back(std::move(function));
  package.components.push_back(std::move(component));
  package.attachments.set(std::make_unique<Note>());
  package.sources.push_back({"/somewhere/model.onnx"});
  EXPECT_EQ(textOf(package), R"(# source model.onnx
# component split_0
<
  ir_version: 10,
  opset_import: ["" : 21]
>
graph () => ()
{
}
<
  domain: "local",
  opset_import: ["" : 21]
>
Block <alpha> (a) => (b)
{
  b = Elu <alpha = @alpha> (a)
}
# attachment test.Note/1
#   one
#   two
)");
}

} // namespace

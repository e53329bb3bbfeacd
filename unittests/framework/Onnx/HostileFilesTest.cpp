// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Files that are no model, are damaged, or were made to do harm. Each gives one clear error.

#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"
#include "TestSupport/TestPaths.h"
#include "WireBytes.h"

#include <gmock/gmock.h>
#include <iterator>
#include <random>

namespace optrun::onnx {
namespace {

using wire::bytes;
using wire::claiming;
using wire::integer;
using wire::tag;
using wire::varint;

// Field numbers, as onnx.proto has them.
constexpr uint64_t IrVersion = 1, Graph = 7, Opset = 8, Function = 25;
constexpr uint64_t Node = 1, GraphName = 2, Initializer = 5, Input = 11, SparseInitializer = 15;
constexpr uint64_t Output = 2, OpType = 4, Attribute = 5;
constexpr uint64_t AttributeName = 1, AttributeI = 3, AttributeT = 5, AttributeG = 6,
                   AttributeInts = 8, AttributeType = 20;
constexpr uint64_t Dims = 1, DataType = 2, Segment = 3, FloatData = 4, Int32Data = 5,
                   StringData = 6, TensorName = 8, RawData = 9, ExternalData = 13,
                   DataLocation = 14;
constexpr uint64_t Float = 1, Int32 = 6, String = 8;

std::string model(const std::string &graph) { return integer(IrVersion, 10) + bytes(Graph, graph); }
std::string opset(const std::string &domain, uint64_t version) {
  return bytes(Opset, bytes(1, domain) + integer(2, version));
}
std::string withTensor(const std::string &tensor) {
  return model(bytes(Initializer, bytes(TensorName, "t") + tensor));
}
std::string withNode(const std::string &node) { return model(bytes(Node, node)); }
std::string withAttribute(const std::string &attribute) {
  return withNode(bytes(Output, "y") + bytes(OpType, "Op") + bytes(Attribute, attribute));
}
std::string dims(std::initializer_list<uint64_t> extents) {
  std::string result;
  for (uint64_t extent : extents)
    result += integer(Dims, extent);
  return result;
}
/// A graph in a node in a graph …
std::string nestedGraphs(int depth) {
  std::string graph = bytes(GraphName, "innermost");
  for (int level = 0; level < depth; ++level)
    graph = bytes(Node, bytes(OpType, "If") +
                            bytes(Attribute, bytes(AttributeName, "g") + integer(AttributeType, 5) +
                                                 bytes(AttributeG, graph)));
  return graph;
}
/// A sequence of sequences of …
std::string nestedTypes(int depth) {
  std::string type;
  for (int level = 0; level < depth; ++level)
    type = bytes(4, bytes(1, type));
  return type;
}

struct BadFile {
  const char *name;
  std::string content;
  const char *message;
};

const BadFile badFiles[] = {
    // No model at all.
    {"Empty", "", "the file is empty"},
    {"OneZeroByte", std::string(1, '\0'), "a field number is out of range"},
    {"Text", "This is not a model.\n", "this is a text file, no ONNX model"},
    {"Recipe", "recipe: 1\npasses:\n  - capture: {model: m}\n", "this is a text file"},
    {"ShortText", "{\"model\": 1}", "at byte 0: in the model"},
    {"Zip", std::string("PK\x03\x04\x14\0\0\0", 8), "at byte"},
    {"GitLfsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
     "git lfs pull"},
    {"NoGraph", integer(IrVersion, 10), "it holds no graph"},
    {"NoIrVersion", bytes(Graph, bytes(GraphName, "g")), "it has no IR version"},
    {"FutureIrVersion", integer(IrVersion, 99) + bytes(Graph, ""), "IR version 99"},
    {"NegativeIrVersion", integer(IrVersion, UINT64_MAX) + bytes(Graph, ""), "no IR version"},

    // Damaged wire format.
    {"TagOverlong", std::string(11, '\xff'), "the tag of a field is cut off or damaged"},
    {"TagCutOff", std::string("\xba"), "the tag of a field is cut off or damaged"},
    {"FieldNumberZero", tag(0, 0) + varint(1), "a field number is out of range"},
    {"FieldNumberTooLarge", varint(uint64_t(1) << 35), "a field number is out of range"},
    {"VarintCutOff", tag(IrVersion, 0) + std::string(3, '\xff'), "a number is cut off"},
    {"VarintOver64Bits", tag(IrVersion, 0) + std::string(9, '\xff') + '\x02',
     "longer than 64 bits"},
    {"Fixed32CutOff", tag(99, 5) + "abc", "a number is cut off"},
    {"Fixed64CutOff", tag(99, 1) + "abcdefg", "a number is cut off"},
    {"LengthCutOff", tag(Graph, 2) + '\xff', "the length of a field is cut off"},
    {"LengthBeyondFile", claiming(Graph, 100, "abc"), "claims more bytes"},
    {"LengthOfTerabytes", claiming(Graph, uint64_t(1) << 45, "abc"), "claims more bytes"},
    {"LengthOfAllBits", claiming(Graph, UINT64_MAX, "abc"), "claims more bytes"},
    {"GroupStart", tag(Graph, 3), "a group"},
    {"GroupEnd", tag(Graph, 4), "a group"},
    {"WireTypeSix", tag(Graph, 6), "an unknown wire type"},
    {"WireTypeSeven", tag(Graph, 7), "an unknown wire type"},
    {"GraphIsANumber", integer(Graph, 7), "field 7 of the model has the wrong wire type"},
    {"NodeIsANumber", model(integer(Node, 7)), "field 1 of a graph has the wrong wire type"},
    {"AttributeIsANumber", withNode(integer(Attribute, 7)), "field 5 of a node has the wrong"},
    {"SecondGraph", model("") + bytes(Graph, ""), "the model holds a second graph"},
    {"NodeLeavesGraph", model(claiming(Node, 50, "abc")), "in a graph: a field claims more bytes"},
    {"HeaderOfGraphIsDamaged", model(bytes(16, "\xff")), "a graph is damaged"},
    {"NestedTooDeep", model(nestedGraphs(100)), "nested more than 64 levels"},
    {"NestedVeryDeep", model(nestedGraphs(2000)), "nested more than 64 levels"},
    {"TypesNestedVeryDeep", model(bytes(Input, bytes(1, "x") + bytes(2, nestedTypes(2000)))),
     "an input is damaged"},

    // Graphs.
    {"NodeWithoutOperator", withNode(bytes(Output, "y")), "has no operator type"},
    {"InputWithoutName", model(bytes(Input, "")), "an input has no name"},
    {"UnknownElementType", model(bytes(Input, bytes(1, "x") + bytes(2, bytes(1, integer(1, 99))))),
     "value 'x': element type 99 is not supported"},

    // Tensors.
    {"RawDataTooShort", withTensor(dims({4}) + integer(DataType, Float) + bytes(RawData, "1234")),
     "tensor 't': its shape and type need 16 bytes, its data has 4"},
    {"RawDataTooLong",
     withTensor(dims({1}) + integer(DataType, Float) + bytes(RawData, "12345678")),
     "need 4 bytes, its data has 8"},
    {"HugeTensorWithoutData", withTensor(dims({1ull << 40}) + integer(DataType, Float)),
     "need 4398046511104 bytes, its data has 0"},
    {"ShapeOverflows",
     withTensor(dims({1ull << 62, 8}) + integer(DataType, Float) + bytes(RawData, "1234")),
     "too many elements"},
    {"ShapeWrapsToZero",
     withTensor(dims({1ull << 32, 1ull << 32}) + integer(DataType, Float) + bytes(RawData, "")),
     "too many elements"},
    {"ShapeOverflowsBehindAZero",
     withTensor(dims({0, 1ull << 32, 1ull << 32}) + integer(DataType, Float)), "too many elements"},
    {"ShapeInBytesOverflows", withTensor(dims({1ull << 61}) + integer(DataType, 15)),
     "too many elements"},
    {"NegativeDimension", withTensor(dims({UINT64_MAX}) + integer(DataType, Float)),
     "negative dimension"},
    {"NoElementType", withTensor(dims({1}) + bytes(RawData, "1234")), "it has no element type"},
    {"Float6", withTensor(dims({4}) + integer(DataType, 27) + bytes(RawData, "123")),
     "its element type, code 27, is not supported"},
    {"ElementType999", withTensor(dims({1}) + integer(DataType, 999)), "code 999"},
    {"RawDataTwice",
     withTensor(dims({1}) + integer(DataType, Float) + bytes(RawData, "1234") +
                bytes(RawData, "1234")),
     "raw_data twice"},
    {"RawAndTypedData",
     withTensor(dims({1}) + integer(DataType, Float) + bytes(RawData, "1234") +
                bytes(FloatData, "1234")),
     "in more than one field"},
    {"FloatDataNotWhole",
     withTensor(dims({1}) + integer(DataType, Float) + bytes(FloatData, "123456")),
     "need 4 bytes, its data has 6"},
    {"Int32DataCutOff",
     withTensor(dims({2}) + integer(DataType, Int32) + bytes(Int32Data, "\x01\xff")),
     "a number in its data is damaged"},
    {"Int32DataOfFixedWidth", withTensor(integer(DataType, Int32) + tag(Int32Data, 5) + "1234"),
     "the data of a tensor has the wrong wire type"},
    {"StringsInRawData", withTensor(dims({1}) + integer(DataType, String) + bytes(RawData, "x")),
     "strings must be stored in string_data"},
    {"TooFewStrings", withTensor(dims({2}) + integer(DataType, String) + bytes(StringData, "x")),
     "it holds 1 strings, its shape says 2"},
    {"Segments", withTensor(integer(DataType, Float) + bytes(Segment, "")), "segments"},
    {"ExternalAndInline",
     withTensor(dims({1}) + integer(DataType, Float) + bytes(RawData, "1234") +
                integer(DataLocation, 1)),
     "it is marked as external but holds data too"},
    {"ExternalWithoutLocation",
     withTensor(dims({1}) + integer(DataType, Float) + integer(DataLocation, 1)),
     "the location of its data is empty"},
    {"UnknownDataLocation",
     withTensor(dims({1}) + integer(DataType, Float) + integer(DataLocation, 7)),
     "the location of its data is of an unknown kind"},
    {"ExternalOffsetIsNoNumber",
     withTensor(dims({1}) + integer(DataType, Float) + integer(DataLocation, 1) +
                bytes(ExternalData, bytes(1, "offset") + bytes(2, "-4"))),
     "the offset of its data, '-4', is not a number of bytes"},
    {"InitializerWithoutName", model(bytes(Initializer, dims({0}) + integer(DataType, Float))),
     "an initializer has no name"},
    {"InitializerTwice",
     model(bytes(Initializer, bytes(TensorName, "t") + dims({0}) + integer(DataType, Float)) +
           bytes(Initializer, bytes(TensorName, "t") + dims({0}) + integer(DataType, Float))),
     "initializer 't' is given twice"},
    {"SparseWithoutValues", model(bytes(SparseInitializer, integer(3, 4))),
     "a sparse tensor has no values"},
    {"SparseShapeOverflows",
     model(bytes(SparseInitializer,
                 bytes(1, bytes(TensorName, "s") + dims({0}) + integer(DataType, Float)) +
                     integer(3, 1ull << 40) + integer(3, 1ull << 40))),
     "sparse tensor 's'"},

    // Opsets.
    {"OpsetZero", model("") + opset("", 0), "the model imports version 0 of ONNX's operators"},
    {"OpsetNegative", model("") + opset("ai.onnx", UINT64_MAX), "the model imports version -1"},
    {"OpsetOfAFunction",
     model("") + bytes(Function, bytes(1, "F") + bytes(9, bytes(1, "")) + bytes(10, "my")),
     "the function 'my:F' imports version 0 of ONNX's operators"},

    // Attributes.
    {"AttributeWithoutName", withAttribute(integer(AttributeI, 1)), "has no name"},
    {"AttributeOfAnotherKind",
     withAttribute(bytes(AttributeName, "a") + integer(AttributeI, 1) + integer(AttributeType, 1)),
     "attribute 'a' of node '' (Op) holds a value that is not of its declared kind"},
    {"AttributeWithTwoValues",
     withAttribute(bytes(AttributeName, "a") + integer(AttributeI, 1) + integer(AttributeInts, 1) +
                   integer(AttributeType, 2)),
     "not of its declared kind"},
    {"AttributeOfUnknownKind",
     withAttribute(bytes(AttributeName, "a") + integer(AttributeType, 77)),
     "is of a kind that this version of ONNX does not know"},
    {"AttributeTensorTwice",
     withAttribute(bytes(AttributeName, "a") + bytes(AttributeT, "") + bytes(AttributeT, "") +
                   integer(AttributeType, 4)),
     "has its value twice"},
    {"AttributeTensorMissing", withAttribute(bytes(AttributeName, "a") + integer(AttributeType, 4)),
     "has no value"},
};

std::ostream &operator<<(std::ostream &os, const BadFile &file) { return os << file.name; }

class HostileFilesTest : public testing::TestWithParam<BadFile> {};

TEST_P(HostileFilesTest, GivesOneClearError) {
  test::TemporaryFolder folder;
  std::string path = folder.write("bad.onnx", GetParam().content);
  auto result = readModel(path);
  ASSERT_FALSE(!!result);
  std::string message = llvm::toString(result.takeError());
  EXPECT_THAT(message, testing::StartsWith(path + ": "));
  EXPECT_THAT(message, testing::HasSubstr(GetParam().message));
  EXPECT_THAT(message, testing::Not(testing::HasSubstr("\n")));
}

INSTANTIATE_TEST_SUITE_P(All, HostileFilesTest, testing::ValuesIn(badFiles),
                         [](const auto &info) { return std::string(info.param.name); });

std::string readBytes(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Reads \p content; what matters is that it comes back, with a model or an error.
bool survives(llvm::StringRef content) {
  auto component =
      readModelFromMemory({reinterpret_cast<const uint8_t *>(content.data()), content.size()});
  bool isModel = !!component;
  llvm::consumeError(component.takeError());
  return isModel;
}

/// A model with a bit of everything, and the fixtures where they are.
std::vector<std::string> sampleModels() {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21, "local" : 1], producer_name: "test">
    model (bool c, float[N, 4] x, seq(float[N]) s) => (float[N, 4] y)
        <float[4] w = {1.0, 2.0, 3.0, 4.0}, int64[3] i = {1, 2, 3}, float[N, 4] middle> {
      middle = local.Scale <factor = 2.0> (x)
      y = If <then_branch = then_graph () => (float[N, 4] a) { a = Add(middle, w) },
              else_branch = else_graph () => (float[N, 4] b) {
                k = Constant <value = float[2] {1.0, 2.0}> ()
                b = x.Op <is = [1, 2, 3], ss = ["a", "b"], f = 1.5> (middle, , k)
              }> (c)
    }
    <domain: "local", opset_import: ["" : 21]>
    Scale <factor, offset: float = 0.5> (a) => (c) {
      f = Constant <value_float : float = @factor> ()
      c = Mul(a, f)
    }
  )");
  auto bytes = llvm::cantFail(writeModelToMemory(*component));
  std::vector<std::string> models{std::string(bytes.begin(), bytes.end())};
  for (const char *name : {"onnx/llama-dynamo.onnx", "onnx/opt-torchscript.onnx"})
    if (std::string content = readBytes(test::fixture(name)); !content.empty())
      models.push_back(std::move(content));
  return models;
}

TEST(HostileFiles, ATruncatedModelIsRefusedWhereverItIsCut) {
  for (const std::string &content : sampleModels()) {
    // The length of the graph stands before it: every cut inside of the graph is noticed.
    size_t graph = content.size() / 2;
    std::mt19937 random(1);
    for (int attempt = 0; attempt < 500; ++attempt) {
      size_t length = random() % graph;
      EXPECT_FALSE(survives(llvm::StringRef(content).take_front(length))) << length;
    }
  }
}

TEST(HostileFiles, RandomChangesNeverCrash) {
  for (const std::string &original : sampleModels()) {
    std::mt19937 random(2);
    int attempts = original.size() < 10000 ? 20000 : 300;
    int accepted = 0;
    for (int attempt = 0; attempt < attempts; ++attempt) {
      std::string content = original;
      for (unsigned change = 0; change <= attempt % 8u; ++change)
        content[random() % content.size()] = static_cast<char>(random());
      accepted += survives(content);
    }
    EXPECT_LT(accepted, attempts);
  }
}

TEST(HostileFiles, AMissingFileAndAFolderAreErrors) {
  test::TemporaryFolder folder;
  for (const std::string &path : {folder.path("missing.onnx"), folder.path("")}) {
    auto result = readModel(path);
    ASSERT_FALSE(!!result);
    EXPECT_THAT(llvm::toString(result.takeError()), testing::HasSubstr(path));
  }
}

TEST(HostileFiles, TheSizeCanBeLimited) {
  test::TemporaryFolder folder;
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x) => (float[2] y) { y = Neg(x) }
  )");
  test::writeModel(*component, folder.path("model.onnx"));
  ReadOptions options;
  options.maxFileSize = 20;
  auto result = readModel(folder.path("model.onnx"), options);
  ASSERT_FALSE(!!result);
  EXPECT_THAT(llvm::toString(result.takeError()), testing::HasSubstr("more than the limit of 20"));
}

TEST(HostileFiles, OtherDomainsMayHaveAnyVersion) {
  EXPECT_TRUE(survives(model("") + opset("org.example", 0)));
}

TEST(HostileFiles, FieldsOfALaterOnnxAreReported) {
  test::TemporaryFolder folder;
  std::string path = folder.write(
      "model.onnx", model(bytes(Node, bytes(OpType, "A") + bytes(77, "new")) +
                          bytes(Node, bytes(OpType, "B") + bytes(77, "new")) + bytes(66, "new")));
  auto result = readModel(path);
  ASSERT_TRUE(!!result) << llvm::toString(result.takeError());
  EXPECT_THAT(result->warnings,
              testing::UnorderedElementsAre(
                  testing::HasSubstr("field 77 of onnx.NodeProto is not known"),
                  testing::HasSubstr("field 66 of onnx.GraphProto is not known")));
}

TEST(HostileFiles, WhatDescribesNothingIsReported) {
  test::TemporaryFolder folder;
  std::string path =
      folder.write("model.onnx", model(bytes(13, bytes(1, "gone")) + bytes(14, bytes(1, "lost"))));
  auto result = readModel(path);
  ASSERT_TRUE(!!result) << llvm::toString(result.takeError());
  EXPECT_THAT(result->warnings,
              testing::ElementsAre(testing::HasSubstr("'gone'"), testing::HasSubstr("'lost'")));
}

} // namespace
} // namespace optrun::onnx

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Raising whole models: nested graphs, functions, what is kept, and real models.

#include "OpsetTestSupport.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

#include "llvm/ADT/STLExtras.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

TEST(OpsetConversion, ReachesNestedGraphs) {
  auto component = raisedFrom(10, R"(
    g (bool c, float[2,3] x) => (float[3] y) {
      y = If (c) <
        then_branch = t () => (float[3] t1) { t1 = ReduceSum<axes = [0], keepdims = 0>(x) },
        else_branch = e () => (float[3] e1) {
          z = Clip<max = 0.5>(x)
          e1 = ReduceMax<axes = [0], keepdims = 0>(z)
        }>
    })");
  std::vector<std::string> operators;
  component->graph.nodes().front().forEachSubgraph(
      [&](const ir::Graph &branch) { llvm::append_range(operators, operatorsOf(branch)); });
  EXPECT_THAT(operators,
              ElementsAre("Constant", "ReduceSum", "Constant", "Clip", "Constant", "ReduceMax"));
}

TEST(OpsetConversion, ReachesBodiesOfLoops) {
  raisedFrom(11, R"(
    g (float[2] x) => (float[2] y) <int64 trips = {3}, bool go = {1}> {
      y = Loop (trips, go, x) <
        body = b (int64 i, bool goIn, float[2] state) => (bool goOut, float[2] next) {
          goOut = Identity(goIn)
          u = Unsqueeze<axes = [0]>(state)
          s = Softmax<axis = 0>(u)
          next = Squeeze<axes = [0]>(s)
        }>
    })");
}

/// A function with its own import, below or above that of the model.
std::string withFunction(int opset) {
  return R"(<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    g (float[2,3] x) => (float[2,1] y) { y = local.mean(x) }
    <domain: "local", opset_import: ["" : )" +
         std::to_string(opset) + R"(]>
    mean (a) => (b) { b = ReduceMean<axes = [1]>(a) })";
}

TEST(OpsetConversion, RaisesModelLocalFunctions) {
  auto component = raised(*parseModel(withFunction(17)), 21);
  const ir::Function &function = *component->functions.front();
  EXPECT_EQ(function.opsets.front().version, 21);
  EXPECT_THAT(operatorsOf(function.body), ElementsAre("Constant", "ReduceMean"));
}

TEST(OpsetConversion, RefusesAttributesOfFunctions) {
  auto component = parseModel(R"(<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    g (float[2,3] x) => (float[2,1] y) { y = local.mean<along = [1]>(x) }
    <domain: "local", opset_import: ["" : 17]>
    mean <along> (a) => (b) { b = ReduceMean<axes: ints = @along>(a) })");
  EXPECT_EQ(errorOf(convertOpset(*component, 21)),
            "the model cannot be raised to opset 21: function 'mean': the ReduceMean node that "
            "produces 'b' cannot "
            "go from version 13 of ReduceMean to version 18: its attribute 'axes' is an attribute "
            "of the enclosing function");
  EXPECT_EQ(component->opsetVersion(""), 17);
}

TEST(OpsetConversion, FunctionsMayHaveNamesOfOperators) {
  raised(*parseModel(R"(<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    g (float[2,3] x) => (float[2,3] y) { y = local.OneHot(x) }
    <domain: "local", opset_import: ["" : 17]>
    OneHot (a) => (b) { b = Relu(a) })"),
         21);
}

TEST(OpsetConversion, NamesAndMetadataStay) {
  auto component = modelOfOpset(11, R"(g (float[2,3] x) => (float[2] y) {
    ["norm"] y = ReduceSum<axes = [1], keepdims = 0>(x) })");
  ir::Node &node = component->graph.nodes().front();
  node.docString = "sums";
  node.modulePath = "model.norm";
  node.metadata = {{"namespace", "model/norm"}};
  component->graph.findValue("y")->docString = "the sum";
  component->metadata = {{"author", "somebody"}};
  auto result = raised(*component, 21);

  const ir::Node &constant = result->graph.nodes().front();
  EXPECT_EQ(constant.modulePath, "model.norm");
  const ir::Node &sum = *result->graph.findValue("y")->producer();
  EXPECT_EQ(sum.name, "norm");
  EXPECT_EQ(sum.docString, "sums");
  EXPECT_EQ(sum.modulePath, "model.norm");
  EXPECT_EQ(sum.metadata, node.metadata);
  EXPECT_EQ(sum.intAttribute("keepdims"), 0);
  EXPECT_EQ(result->graph.findValue("y")->docString, "the sum");
  EXPECT_EQ(result->metadata, component->metadata);
}

TEST(OpsetConversion, TheWayDoesNotMatter) {
  auto direct = modelOfOpset(9, R"(g (float[1,2,4,6] x) => (float[1,2,4,12] y)
    <float[4] scales = {1, 1, 2, 2}> {
    half = Slice<starts = [2], ends = [4], axes = [2]>(x)
    up = Upsample<mode = "nearest">(half, scales)
    soft = Softmax<axis = 2>(up)
    left, right = Split<axis = 1>(soft)
    mean = ReduceMean<axes = [1]>(soft)
    both = Concat<axis = 1>(left, mean)
    y = Clip<min = 0.0>(both)
  })");
  auto stepwise = valueOf(ir::cloneComponent(*direct));
  for (int64_t target : {11, 13, 18, 21})
    stepwise = raised(*stepwise, target);
  EXPECT_TRUE(modelsEqual(*raised(*direct, 21), *stepwise));
}

TEST(OpsetConversion, NewNamesAreFree) {
  auto component = raisedFrom(11, R"(g (float[2,3] x, float[2] y_axes) => (float[2] z) {
    y = ReduceSum<axes = [1], keepdims = 0>(x)
    z = Add(y, y_axes)
  })");
  EXPECT_TRUE(component->graph.findValue("y_axes_2"));
}

/// Weights that must not be looked at.
class UnreadableSource : public ir::TensorSource {
  uint64_t byteSize() const override { return 4 * 64 * 64; }
  llvm::Error read(uint64_t, llvm::MutableArrayRef<uint8_t>) const override {
    ADD_FAILURE() << "a weight was read";
    return llvm::Error::success();
  }
};

TEST(OpsetConversion, WeightsAreNotRead) {
  auto component = modelOfOpset(9, "g (float[N,64] x) => (float[N,64] y)\n<" +
                                       zeros("float", "w", {64, 64}) + R"(> {
    m = MatMul(x, w)
    c = Clip<max = 6.0>(m)
    y = Softmax(c)
  })");
  ir::TensorRef weight = valueOf(ir::Tensor::create("w", ir::DataType::Float32, {64, 64},
                                                    std::make_shared<UnreadableSource>()));
  component->graph.findValue("w")->setTensor(weight);
  EXPECT_EQ(errorOf(convertOpset(*component, 21)), "");
  EXPECT_EQ(component->graph.findValue("w")->tensor(), weight);
}

TEST(OpsetConversion, TheIrVersionIsThatOfTheOpset) {
  auto component = modelOfOpset(17, "g (float[2] x) => (float[2] y) { y = Relu(x) }");
  EXPECT_EQ(raised(*component, 18)->irVersion, 8);
  EXPECT_EQ(raised(*component, 21)->irVersion, 10);
  EXPECT_EQ(raised(*component, 25)->irVersion, 13);
}

TEST(OpsetConversion, OldModelsListWeightsAsInputs) {
  // IR version 3 wants an initializer to be an input, too.
  auto component = parseModel(R"(<ir_version: 3, opset_import: ["ai.onnx" : 8]>
    g (float[2,3] x, float[3] w) => (float[2,3] y) <float[3] w = {1, 2, 3}> {
      s = Mul(x, w)
      y = Clip<min = 0.0>(s)
    })");
  raised(*component, 21);
}

TEST(OpsetConversion, AnOpsetThatIsReachedStays) {
  auto component = modelOfOpset(21, "g (float[2] x) => (float[2] y) { y = Relu(x) }");
  const ::onnx::ModelProto before = toProto(*component);
  for (int64_t target : {13, 21})
    EXPECT_EQ(errorOf(convertOpset(*component, target)), "");
  EXPECT_TRUE(modelsEqual(before, toProto(*component)));
}

TEST(OpsetConversion, RefusesOpsetsThatItDoesNotKnow) {
  const char *graph = "g (float[2] x) => (float[2] y) { y = Relu(x) }";
  EXPECT_THAT(refusalOf(17, graph, 1000), HasSubstr("the newest opset that is known is"));
  EXPECT_EQ(refusalOf(6, graph), "the model cannot be raised to opset 21: opset 6 is older than 7, "
                                 "the oldest that can be raised");
  EXPECT_THAT(refusalOf(9, graph, 10), HasSubstr("models are raised to 11 at least"));
  auto other = parseModel(R"(<ir_version: 8, opset_import: ["local" : 1]>
    g (float[2] x) => (float[2] y) { y = local.Relu(x) })");
  EXPECT_EQ(errorOf(convertOpset(*other, 21)),
            "the model cannot be raised to opset 21: it imports none of ai.onnx");
}

/// A file, and the samples that silero-vad takes at a time.
struct ModelFile {
  std::string path;
  int64_t samples = 0;
};

/// A batch of one: the made-up inputs have a batch of two, which silero-vad does not take.
void setBatch(ir::Component &component, int64_t samples) {
  for (ir::Value *input : component.graph.inputs()) {
    ir::Shape shape = *input->type().shape();
    for (ir::Dimension &extent : shape)
      if (!extent.extent)
        extent = {.extent = 1};
    if (input->name() == "input")
      shape.back() = {.extent = samples};
    input->setType(ir::Type::tensor(input->type().elementType(), shape));
  }
}

void PrintTo(const ModelFile &file, std::ostream *os) { *os << file.path; }

class RealModel : public testing::TestWithParam<ModelFile> {};

TEST_P(RealModel, ComputesTheSame) {
  auto component = readModel(GetParam().path);
  if (GetParam().samples != 0)
    setBatch(*component, GetParam().samples);
  for (int64_t target : {21, 25})
    raised(*component, target);
}

std::vector<ModelFile> exportedModels() {
  std::vector<ModelFile> files;
  for (const char *name : {"gpt2-dynamo", "llama-dynamo", "llama-kv-optimum", "opt-dynamo",
                           "opt-kv-optimum", "opt-torchscript"})
    files.push_back({fixture(std::string("onnx/") + name + ".onnx")});
  return files;
}

std::vector<ModelFile> packagedModels() {
  std::vector<ModelFile> files;
  for (const char *name :
       {"minilm-int8/model", "rapidocr/ch_PP-OCRv4_det_infer", "rapidocr/ch_PP-OCRv4_rec_infer",
        "rapidocr/ch_ppocr_mobile_v2.0_cls_infer"})
    files.push_back({testModel(std::string(name) + ".onnx")});
  const auto silero = [](const char *name) {
    return testModel(std::string("silero-vad/silero_vad") + name + ".onnx");
  };
  files.push_back({silero(""), 256 + 32}); // at 8 kHz, since the made-up rate is zero
  files.push_back({silero("_op18_ifless"), 256 + 32});
  for (const char *name : {"_16k_op15", "_16k_sequence", "_half", "_openvino_16k"})
    files.push_back({silero(name), 512 + 64});
  return files;
}

/// ONNX's own: well-known image classifiers of opset 9, with weights of little variety.
std::vector<ModelFile> imageModels() {
  std::vector<ModelFile> files;
  if (onnxTestData().empty())
    return files;
  for (const char *name : {"bvlc_alexnet", "inception_v2", "shufflenet", "squeezenet"})
    files.push_back({onnxTestData() + "/light/light_" + name + ".onnx"});
  return files;
}

INSTANTIATE_TEST_SUITE_P(Exported, RealModel, testing::ValuesIn(exportedModels()));
INSTANTIATE_TEST_SUITE_P(Packaged, RealModel, testing::ValuesIn(packagedModels()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealModel);
INSTANTIATE_TEST_SUITE_P(Image, RealModel, testing::ValuesIn(imageModels()));

} // namespace

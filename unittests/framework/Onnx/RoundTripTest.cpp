// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What an ONNX file holds survives reading and writing. Each test is a model that holds one thing.

#include "TestSupport/ModelDiff.h"
#include "TestSupport/TestModels.h"

#include <onnx/defs/parser.h>

namespace optrun::onnx {
namespace {

std::unique_ptr<ir::Component> readProto(const ::onnx::ModelProto &model) {
  std::string bytes = model.SerializeAsString();
  auto component =
      readModelFromMemory({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()});
  if (component)
    return std::move(*component);
  ADD_FAILURE() << llvm::toString(component.takeError());
  return std::make_unique<ir::Component>();
}

/// The ONNX library's own reading of its textual syntax.
::onnx::ModelProto fromText(const char *text) {
  ::onnx::ModelProto model;
  ::onnx::OnnxParser parser(text);
  auto status = parser.Parse(model);
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return model;
}

/// Reads and writes \p model; a failure when something got lost.
void expectSurvives(const ::onnx::ModelProto &model) {
  EXPECT_TRUE(test::modelsEqual(model, test::toProto(*readProto(model))));
}

/// The smallest model: an input that goes through Identity.
::onnx::ModelProto identityModel() {
  return fromText(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N, 4] x) => (float[N, 4] y) { y = Identity(x) }
  )");
}

TEST(RoundTrip, TheHeader) {
  ::onnx::ModelProto model = identityModel();
  model.set_producer_name("someone");
  model.set_producer_version("1.2");
  model.set_domain("org.example");
  model.set_model_version(7);
  model.set_doc_string("about");
  auto *entry = model.add_metadata_props();
  entry->set_key("author");
  entry->set_value("me");
  auto *opset = model.add_opset_import();
  opset->set_domain("com.microsoft");
  opset->set_version(1);
  expectSurvives(model);

  auto component = readProto(model);
  EXPECT_EQ(component->irVersion, 10);
  EXPECT_EQ(component->producerName, "someone");
  EXPECT_EQ(component->opsetVersion("com.microsoft"), 1);
}

TEST(RoundTrip, EveryIrVersion) {
  for (int version = 1; version <= 14; ++version) {
    SCOPED_TRACE(version);
    ::onnx::ModelProto model = identityModel();
    model.set_ir_version(version);
    if (version < 3)
      model.clear_opset_import();
    expectSurvives(model);
  }
}

TEST(RoundTrip, MetadataAndDocumentationEverywhere) {
  ::onnx::ModelProto model = identityModel();
  auto *graph = model.mutable_graph();
  auto *tensor = graph->add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(::onnx::TensorProto::FLOAT);
  tensor->add_float_data(1);
  tensor->set_doc_string("a weight");
  auto describe = [](auto *message) {
    auto *entry = message->add_metadata_props();
    entry->set_key("key");
    entry->set_value("value");
  };
  describe(&model);
  describe(graph);
  describe(graph->mutable_node(0));
  describe(graph->mutable_input(0));
  describe(graph->mutable_output(0));
  describe(tensor);
  graph->set_doc_string("a graph");
  graph->mutable_node(0)->set_doc_string("a node");
  graph->mutable_node(0)->set_name("the node");
  graph->mutable_input(0)->set_doc_string("an input");
  expectSurvives(model);
}

TEST(RoundTrip, EveryKindOfType) {
  expectSurvives(fromText(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (seq(float[N]) a, optional(int64[2, ?]) b, map(int64, float16[3]) c,
           sparse_tensor(double[8]) d, bfloat16[] e, uint4 f) => (float y) {
      y = Constant <value_float = 1.0> ()
    }
  )"));
}

TEST(RoundTrip, DenotationsAndOpaqueTypes) {
  ::onnx::ModelProto model = identityModel();
  auto *type = model.mutable_graph()->mutable_input(0)->mutable_type();
  type->set_denotation("IMAGE");
  type->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_denotation("DATA_BATCH");
  auto *opaque = model.mutable_graph()->add_input();
  opaque->set_name("o");
  opaque->mutable_type()->mutable_opaque_type()->set_domain("org.example");
  opaque->mutable_type()->mutable_opaque_type()->set_name("Thing");
  opaque->mutable_type()->set_denotation("THING");
  auto *untyped = model.mutable_graph()->add_input();
  untyped->set_name("u");
  expectSurvives(model);
}

TEST(RoundTrip, ShapeUnknownAndRankZeroStayDifferent) {
  ::onnx::ModelProto model = identityModel();
  auto *scalar = model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  scalar->mutable_shape()->clear_dim();
  model.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  expectSurvives(model);

  auto component = readProto(model);
  EXPECT_TRUE(component->graph.inputs()[0]->type().shape().has_value());
  EXPECT_FALSE(component->graph.outputs()[0]->type().shape().has_value());
}

TEST(RoundTrip, AttributesOfEveryKind) {
  ::onnx::ModelProto model = fromText(R"(
    <ir_version: 10, opset_import: ["" : 21, "x" : 1]>
    model (float[2] x) => (float[2] y) {
      y = x.Op <f = 1.5, i = -3, s = "text", fs : floats = [1.0, 2.5], is = [1, -2], ss = ["a", "b"],
                t = float[2] {1.0, 2.0}, empty : ints = [],
                g = body (float[2] z) => (float[2] o) { o = Add(z, x) }> (x)
    }
  )");
  auto *node = model.mutable_graph()->mutable_node(0);
  auto add = [&](const char *name, ::onnx::AttributeProto::AttributeType type) {
    auto *attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    attribute->set_doc_string("about it");
    return attribute;
  };
  auto fillTensor = [](::onnx::TensorProto *tensor) {
    tensor->set_name("named");
    tensor->set_data_type(::onnx::TensorProto::INT64);
    tensor->add_dims(1);
    tensor->add_int64_data(5);
  };
  auto fillSparse = [&](::onnx::SparseTensorProto *sparse) {
    fillTensor(sparse->mutable_values());
    fillTensor(sparse->mutable_indices());
    sparse->add_dims(9);
  };
  add("type", ::onnx::AttributeProto::TYPE_PROTO)
      ->mutable_tp()
      ->mutable_sequence_type()
      ->mutable_elem_type()
      ->mutable_tensor_type()
      ->set_elem_type(1);
  add("types", ::onnx::AttributeProto::TYPE_PROTOS)
      ->add_type_protos()
      ->mutable_tensor_type()
      ->set_elem_type(7);
  auto *tensors = add("tensors", ::onnx::AttributeProto::TENSORS);
  fillTensor(tensors->add_tensors());
  fillTensor(tensors->add_tensors());
  fillSparse(add("sparse", ::onnx::AttributeProto::SPARSE_TENSOR)->mutable_sparse_tensor());
  fillSparse(add("sparses", ::onnx::AttributeProto::SPARSE_TENSORS)->add_sparse_tensors());
  auto *graph = add("graphs", ::onnx::AttributeProto::GRAPHS)->add_graphs();
  graph->set_name("nested");
  add("zero", ::onnx::AttributeProto::INT); // as writers of proto3 leave a zero out
  expectSurvives(model);
}

TEST(RoundTrip, OmittedOptionalInputsAndOutputs) {
  ::onnx::ModelProto model = fromText(R"(
    <ir_version: 10, opset_import: ["" : 21, "x" : 1]>
    model (float[2] x) => (float[2] y) { a, , y = x.Op(x, , x) }
  )");
  expectSurvives(model);
  auto component = readProto(model);
  const ir::Node &node = component->graph.nodes().front();
  EXPECT_EQ(node.numInputs(), 3u);
  EXPECT_EQ(node.input(1), nullptr);
  EXPECT_EQ(node.output(1), nullptr);
  EXPECT_EQ(node.output(2)->name(), "y");
}

TEST(RoundTrip, InitializersThatAreInputsAndOutputsToo) {
  ::onnx::ModelProto model = fromText(R"(
    <ir_version: 3, opset_import: ["" : 8]>
    model (float[2] w, float[2] x) => (float[2] y, float[2] w) <float[2] w = {1.0, 2.0}> { y = Add(x, w) }
  )");
  auto component = readProto(model);
  ir::Value *w = component->graph.findValue("w");
  ASSERT_NE(w, nullptr);
  EXPECT_TRUE(w->isInput());
  EXPECT_TRUE(w->isInitializer());
  EXPECT_TRUE(w->isOutput());
  expectSurvives(model);
}

TEST(RoundTrip, TheSameOutputTwice) {
  ::onnx::ModelProto model = identityModel();
  *model.mutable_graph()->add_output() = model.graph().output(0);
  expectSurvives(model);
}

TEST(RoundTrip, SparseInitializers) {
  ::onnx::ModelProto model = identityModel();
  auto *sparse = model.mutable_graph()->add_sparse_initializer();
  sparse->mutable_values()->set_name("s");
  sparse->mutable_values()->set_data_type(::onnx::TensorProto::FLOAT);
  sparse->mutable_values()->add_dims(2);
  sparse->mutable_values()->set_raw_data(std::string("\0\0\x80\x3f\0\0\0\x40", 8));
  sparse->mutable_indices()->set_data_type(::onnx::TensorProto::INT64);
  sparse->mutable_indices()->add_dims(2);
  sparse->mutable_indices()->add_int64_data(1);
  sparse->mutable_indices()->add_int64_data(5);
  sparse->add_dims(3);
  sparse->add_dims(4);
  expectSurvives(model);
  EXPECT_NE(readProto(model)->graph.findValue("s")->sparseTensor(), nullptr);
}

TEST(RoundTrip, QuantizationAnnotationsAndValueInfo) {
  ::onnx::ModelProto model = fromText(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[N] x) => (float[N] y) <float[N] middle, float scale = {0.5}> {
      middle = Abs(x)
      y = Neg(middle)
    }
  )");
  ASSERT_EQ(model.graph().value_info_size(), 1);
  auto *annotation = model.mutable_graph()->add_quantization_annotation();
  annotation->set_tensor_name("middle");
  auto *parameter = annotation->add_quant_parameter_tensor_names();
  parameter->set_key("SCALE_TENSOR");
  parameter->set_value("scale");
  expectSurvives(model);
}

TEST(RoundTrip, FunctionsWithOverloadsDefaultsAndReferences) {
  ::onnx::ModelProto model = fromText(R"(
    <ir_version: 10, opset_import: ["" : 21, "local" : 1]>
    model (float[N] x) => (float[N] y) { y = local.Scale <factor = 2.0> (x) }
    <domain: "local", opset_import: ["" : 21]>
    Scale <factor, offset: float = 0.5> (a, b) => (c) {
      f = Constant <value_float : float = @factor> ()
      o = Constant <value_float : float = @offset> ()
      scaled = Mul(a, f)
      c = Add(scaled, o)
    }
  )");
  auto *function = model.mutable_functions(0);
  function->set_overload("float");
  function->set_doc_string("scales");
  auto *metadata = function->add_metadata_props();
  metadata->set_key("key");
  metadata->set_value("value");
  auto *info = function->add_value_info();
  info->set_name("scaled");
  info->mutable_type()->mutable_tensor_type()->set_elem_type(1);
  model.mutable_graph()->mutable_node(0)->set_overload("float");
  ::onnx::FunctionProto other = *function;
  other.set_overload("double");
  *model.add_functions() = other;
  expectSurvives(model);

  auto component = readProto(model);
  EXPECT_NE(component->findFunction("local", "Scale", "double"), nullptr);
  EXPECT_EQ(component->findFunction("local", "Scale", "other"), nullptr);
}

TEST(RoundTrip, NestedGraphsKeepTheirCapturesAsEdges) {
  ::onnx::ModelProto model = fromText(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (bool c, float[2] x) => (float[2] y) <float[2] w = {1.0, 2.0}> {
      y = If <then_branch = then_graph () => (float[2] a) { a = Add(x, w) },
              else_branch = else_graph () => (float[2] b) {
                b = If <then_branch = inner_then () => (float[2] d) { d = Sub(x, w) },
                        else_branch = inner_else () => (float[2] e) { e = Neg(x) }> (c)
              }> (c)
    }
  )");
  expectSurvives(model);
  auto component = readProto(model);
  const ir::Value *w = component->graph.findValue("w");
  EXPECT_EQ(std::distance(w->uses().begin(), w->uses().end()), 2);
  auto captured = ir::capturedValues(component->graph.nodes().front());
  ASSERT_EQ(captured.size(), 3u);
  EXPECT_EQ(captured[0]->name(), "x");
}

TEST(RoundTrip, TrainingInfoAndDeviceConfigurations) {
  ::onnx::ModelProto model = identityModel();
  auto *binding = model.add_training_info()->add_update_binding();
  binding->set_key("w");
  binding->set_value("w_new");
  auto *configuration = model.add_configuration();
  configuration->set_name("two devices");
  configuration->set_num_devices(2);
  configuration->add_device("first");
  auto *onNode = model.mutable_graph()->mutable_node(0)->add_device_configurations();
  onNode->set_configuration_id("two devices");
  onNode->add_sharding_spec()->set_tensor_name("x");
  onNode->set_pipeline_stage(1);
  expectSurvives(model);
}

TEST(RoundTrip, EmptyTensorsAndStrings) {
  ::onnx::ModelProto model = identityModel();
  auto *empty = model.mutable_graph()->add_initializer();
  empty->set_name("empty");
  empty->set_data_type(::onnx::TensorProto::INT64);
  empty->add_dims(0);
  auto *strings = model.mutable_graph()->add_initializer();
  strings->set_name("strings");
  strings->set_data_type(::onnx::TensorProto::STRING);
  strings->add_dims(3);
  strings->add_string_data("one");
  strings->add_string_data("");
  strings->add_string_data(std::string("\0\xff", 2));
  expectSurvives(model);
}

TEST(RoundTrip, WritingTwiceGivesTheSameBytes) {
  auto component = readProto(identityModel());
  auto first = llvm::cantFail(writeModelToMemory(*component));
  EXPECT_EQ(first, llvm::cantFail(writeModelToMemory(*component)));
}

/// The comparison itself must be able to fail.
TEST(RoundTrip, ADifferenceIsSeen) {
  ::onnx::ModelProto one = identityModel(), other = one;
  other.mutable_graph()->mutable_node(0)->set_op_type("Neg");
  EXPECT_FALSE(test::modelsEqual(one, other));
  other = one;
  other.mutable_graph()->add_quantization_annotation()->set_tensor_name("x");
  EXPECT_FALSE(test::modelsEqual(one, other));
}

} // namespace
} // namespace optrun::onnx

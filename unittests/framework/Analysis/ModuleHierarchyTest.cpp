// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Module paths from each kind of evidence, on small graphs.

#include "optrun/Analysis/ModuleHierarchy.h"

#include "Analysis/ModuleEvidence.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::Optional;

namespace {

std::unique_ptr<ir::Component> model(llvm::StringRef graph) {
  return parseModel(
      ("<ir_version: 10, opset_import: [\"\" : 21, \"com.microsoft\" : 1]>" + graph).str());
}

/// The module path of each node, in order, after recovery.
std::vector<std::string> modulePaths(const ir::Component &component) {
  std::vector<std::string> paths;
  for (const ir::Node &node : component.graph.nodes())
    paths.push_back(node.modulePath);
  return paths;
}

std::optional<std::string> fromMetadata(ir::Metadata metadata) {
  auto component = model("g (float[2] x) => (float[2] y) { y = Relu(x) }");
  component->graph.nodes().front().metadata = std::move(metadata);
  return metadataModulePath(component->graph.nodes().front());
}

TEST(DynamoMetadata, NameScopes) {
  auto scopes = [](const char *text) {
    return fromMetadata({{"pkg.torch.onnx.name_scopes", text}});
  };
  EXPECT_THAT(scopes("['', 'model', 'model.layers.0', 'model.layers.0.mlp', 'linear_6']"),
              Optional(std::string("model.layers.0.mlp")));
  EXPECT_THAT(scopes("['', 'add']"), Optional(std::string("")));
  EXPECT_THAT(scopes("['op']"), Optional(std::string("")));
  EXPECT_THAT(scopes(R"(["", "it's", 'op'])"), Optional(std::string("it's")));
  EXPECT_THAT(scopes(R"(['', 'a\'b\\c', 'op',])"), Optional(std::string("a'b\\c")));
  EXPECT_THAT(scopes("['', 'model.layers.slice(None, 4, None).0.mlp', 'op']"),
              Optional(std::string("model.layers.0.mlp")));
  EXPECT_EQ(scopes("['_empty_nn_module_stack_from_metadata_hook', 'sym_size_int']"), std::nullopt);
  for (const char *other : {"", "[]", "[", "]", "['a'", "['a', b]", "['a' 'b']", "model.layers.0",
                            "['a", "['", "[\"a']", "['\\", "['a\\']"})
    EXPECT_EQ(scopes(other), std::nullopt) << other;
}

TEST(DynamoMetadata, NamespaceWhereThereAreNoScopes) {
  EXPECT_THAT(fromMetadata({{"namespace", ": pkg.Root/model: pkg.Model/model.layers.0: "
                                          "pkg.Layer/linear_6: aten.linear.default"}}),
              Optional(std::string("model.layers.0")));
  EXPECT_THAT(fromMetadata({{"namespace", "nonsense"}}), Optional(std::string("")));
  EXPECT_THAT(fromMetadata(
                  {{"pkg.torch.onnx.name_scopes", "broken"}, {"namespace", ": R/a: A/op: target"}}),
              Optional(std::string("a")));
  EXPECT_EQ(fromMetadata({{"other", "value"}}), std::nullopt);
}

TEST(NodeNames, ScopesWithoutTheOperator) {
  EXPECT_THAT(nodeNameModulePath("/model/layers.3/mlp/up_proj/MatMul"),
              Optional(std::string("model.layers.3.mlp.up_proj")));
  EXPECT_THAT(nodeNameModulePath("/Add_3"), Optional(std::string("")));
  EXPECT_THAT(nodeNameModulePath("bert/encoder/layer_._3/attention/self/query/MatMul"),
              Optional(std::string("bert.encoder.layer.3.attention.self.query")));
  EXPECT_THAT(nodeNameModulePath("/layer1/layer1.0/conv1/Conv"),
              Optional(std::string("layer1.0.conv1")));
  EXPECT_THAT(nodeNameModulePath("/encoder/layer.1/layer.10/Add"),
              Optional(std::string("encoder.layer.1.layer.10")));
  EXPECT_THAT(nodeNameModulePath("//a///b//Add"), Optional(std::string("a.b")));
  EXPECT_EQ(nodeNameModulePath("MatMul_12"), std::nullopt);
  EXPECT_EQ(nodeNameModulePath(""), std::nullopt);
}

TEST(NodeNames, TheFinalNormOfGenAiModelsIsNoLayer) {
  EXPECT_THAT(nodeNameModulePath("/model/layers.32/final_norm_layernorm/LayerNorm"),
              Optional(std::string("model.final_norm_layernorm")));
  EXPECT_THAT(nodeNameModulePath("/final_norm_layernorm/LayerNorm"),
              Optional(std::string("final_norm_layernorm")));
}

TEST(ParameterNames, TheModuleThatOwnsTheParameter) {
  EXPECT_THAT(parameterModulePath("encoder.layer.3.output.dense.bias"),
              Optional(std::string("encoder.layer.3.output.dense")));
  EXPECT_THAT(parameterModulePath("encoder.layer.3.output.dense.weight_quantized"),
              Optional(std::string("encoder.layer.3.output.dense")));
  EXPECT_THAT(parameterModulePath("dense.weight.scale"), Optional(std::string("dense")));
  EXPECT_THAT(parameterModulePath("bert/encoder/layer_0/attention/self/query/kernel:0"),
              Optional(std::string("bert.encoder.layer_0.attention.self.query")));
  EXPECT_EQ(parameterModulePath("onnx::MatMul_1234"), std::nullopt);
  EXPECT_EQ(parameterModulePath("weight"), std::nullopt);
  EXPECT_EQ(parameterModulePath(""), std::nullopt);
  EXPECT_EQ(parameterModulePath(".bias"), std::nullopt);
}

TEST(ModuleTree, PathsAndTheirRelations) {
  ModuleTree tree;
  const ModuleTree::Id mlp = tree.intern("model.layers.3.mlp"),
                       attn = tree.intern("model.layers.3.attn");
  EXPECT_EQ(tree.path(mlp), "model.layers.3.mlp");
  EXPECT_EQ(tree.component(mlp), "mlp");
  EXPECT_EQ(tree.path(tree.commonAncestor(mlp, attn)), "model.layers.3");
  EXPECT_EQ(tree.commonAncestor(mlp, tree.intern("head")), ModuleTree::Root);
  EXPECT_EQ(tree.outermostNumbered(mlp), tree.intern("model.layers.3"));
  EXPECT_EQ(tree.outermostNumbered(tree.intern("a.1.b.2")), tree.intern("a.1"));
  EXPECT_EQ(tree.outermostNumbered(tree.intern("head")), ModuleTree::None);
  EXPECT_EQ(tree.intern(""), ModuleTree::Root);
  EXPECT_EQ(tree.path(ModuleTree::Root), "");
  EXPECT_EQ(tree.findChild(tree.parent(mlp), "attn"), attn);
  EXPECT_EQ(tree.findChild(attn, "attn"), ModuleTree::None);
  for (const char *path : {".", "a.", ".a", "a..b"})
    EXPECT_EQ(tree.intern(path), ModuleTree::None) << path;
  EXPECT_EQ(tree.intern(std::string(ModuleTree::MaxLength + 1, 'x')), ModuleTree::None);
  EXPECT_NE(tree.intern(std::string(ModuleTree::MaxLength, 'x')), ModuleTree::None);
}

TEST(ModuleHierarchy, NamesOfTheGenAiBuilder) {
  auto component = model(R"(
    g (int64[1] ids, float[1, 2] mask) => (float[1, 4] logits)
    <float[4, 2] "model.embed_tokens.weight" = {1, 2, 3, 4, 5, 6, 7, 8}, float[2, 4] head = {1, 2, 3, 4, 5, 6, 7, 8},
     float[2] "model.layers.1.final_norm_layernorm.weight" = {1, 2}> {
      ["/model/embed_tokens/Gather"] e = Gather("model.embed_tokens.weight", ids)
      ["/model/attn_mask_reformat/attn_mask_subgraph/Sub"] m = Neg(mask)
      ["/model/layers.0/attn/qkv_proj/MatMul"] a = Add(e, m)
      ["/model/layers.0/mlp/down_proj/MatMul"] b = Relu(a)
      ["/model/layers.1/final_norm_layernorm/SkipLayerNorm"] n = Mul(b, "model.layers.1.final_norm_layernorm.weight")
      ["/lm_head/MatMul"] logits = MatMul(n, head)
    })");
  valueOf(recoverModuleHierarchy(*component));
  EXPECT_THAT(modulePaths(*component),
              ElementsAre("model.embed_tokens", "model.attn_mask_reformat.attn_mask_subgraph",
                          "model.layers.0.attn.qkv_proj", "model.layers.0.mlp.down_proj",
                          "model.final_norm_layernorm", "lm_head"));
}

TEST(ModuleHierarchy, RepeatedScopesOfOneModuleAreOne) {
  // norm_1 is the name of a module, as its parameter shows; rotary_1 the second call of rotary;
  // ln_1 has no sibling ln.
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <float[2] "model.norm_1.weight" = {1, 2}> {
      ["/model/layers.0/rotary/Cos"] a = Cos(x)
      ["/model/layers.1/rotary/Cos"] b = Cos(a)
      ["/model/layers.1/rotary_1/Cos"] c = Cos(b)
      ["/model/norm/Mul"] d = Mul(c, c)
      ["/model/norm_1/Mul"] e = Mul(d, "model.norm_1.weight")
      ["/model/ln_1/Add"] y = Add(e, e)
    })");
  ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(*component));
  EXPECT_EQ(hierarchy.evidence, HierarchyEvidence::NodeNames);
  EXPECT_THAT(modulePaths(*component),
              ElementsAre("model.layers.0.rotary", "model.layers.1.rotary", "model.layers.1.rotary",
                          "model.norm", "model.norm_1", "model.ln_1"));
}

TEST(ModuleHierarchy, NodesWithoutNamesBelongToWhatIsAroundThem) {
  auto component = model(R"(
    g (float[2] x, float[2] mask) => (float[2] y) {
      m = Neg(mask)
      ["/h.0/attn/q/MatMul"] a = Relu(x)
      inside = Neg(a)
      ["/h.0/attn/o/MatMul"] b = Add(inside, m)
      between = Abs(b)
      k = Constant<value = float {1.0}>()
      ["/h.1/mlp/MatMul"] c = Add(between, k)
      y = Neg(c)
    })");
  ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(*component));
  EXPECT_THAT(modulePaths(*component), ElementsAre("", "h.0.attn.q", "h.0.attn", "h.0.attn.o",
                                                   "h.0", "h.1.mlp", "h.1.mlp", "h.1.mlp"));
  EXPECT_EQ(hierarchy.namedNodes, 3u);
  EXPECT_EQ(hierarchy.inheritedNodes, 4u);
  EXPECT_EQ(hierarchy.unnamedNodes, 1u);
}

/// Two layers of x + norm(x) · w where only the last operation of each shows its parameter.
constexpr const char *ParametersOnly = R"(
    g (float[2] x) => (float[2] y)
    <float[2] "h.0.norm.weight" = {1, 2}, float[2] "h.0.mlp.bias" = {1, 2},
     float[2] "h.1.norm.weight" = {1, 2}, float[2] "h.1.mlp.bias" = {1, 2},
     float[2, 2] w0 = {1, 2, 3, 4}, float[2, 2] w1 = {1, 2, 3, 4}> {
      s0 = Mul(x, x)
      n0 = Sqrt(s0)
      d0 = Div(x, n0)
      e0 = Mul(d0, "h.0.norm.weight")
      f0 = MatMul(e0, w0)
      g0 = Add(f0, "h.0.mlp.bias")
      r0 = Add(x, g0)
      s1 = Mul(r0, r0)
      n1 = Sqrt(s1)
      d1 = Div(r0, n1)
      e1 = Mul(d1, "h.1.norm.weight")
      f1 = MatMul(e1, w1)
      g1 = Add(f1, "h.1.mlp.bias")
      y = Add(r0, g1)
    })";

TEST(ModuleHierarchy, LayersPartWhereTheFewestValuesCross) {
  // Of the nodes between the layers, the sum r0 closes the first; s1, n1 and d1 are of the second.
  auto component = model(ParametersOnly);
  ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(*component));
  EXPECT_EQ(hierarchy.evidence, HierarchyEvidence::ParameterNames);
  EXPECT_THAT(modulePaths(*component),
              ElementsAre("", "", "", "h.0.norm", "h.0", "h.0.mlp", "h.0", "h.1", "h.1", "h.1",
                          "h.1.norm", "h.1", "h.1.mlp", "h.1.mlp"));
}

TEST(ModuleHierarchy, WeightsThatLostTheirNamesGoWithWhatFollows) {
  // As in the demo model: only the biases have names.
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <int8[2, 2] q0 = {1, 2, 3, 4}, int8[2, 2] q1 = {1, 2, 3, 4}, float s = {0.5},
     float[2] "inner.layer.0.dense.bias" = {1, 2}, float[2] "inner.layer.1.dense.bias" = {1, 2}> {
      c0 = Cast<to = 1>(q0)
      w0 = Mul(c0, s)
      c1 = Cast<to = 1>(q1)
      w1 = Mul(c1, s)
      m0 = MatMul(x, w0)
      a0 = Add(m0, "inner.layer.0.dense.bias")
      r0 = Relu(a0)
      m1 = MatMul(r0, w1)
      y = Add(m1, "inner.layer.1.dense.bias")
    })");
  valueOf(recoverModuleHierarchy(*component));
  EXPECT_THAT(modulePaths(*component),
              ElementsAre("", "", "inner.layer.1", "inner.layer.1", "", "inner.layer.0.dense",
                          "inner.layer.0", "inner.layer.1", "inner.layer.1.dense"));
}

TEST(ModuleHierarchy, SharedParametersAreNoEvidence) {
  // Both layers use the zero bias that was merged under the first one's name.
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <float[2] "h.0.bias" = {0, 0}, float[2] "h.0.weight" = {1, 2}, float[2] "h.1.weight" = {1, 2}> {
      a = Mul(x, "h.0.weight")
      b = Add(a, "h.0.bias")
      c = Mul(b, "h.1.weight")
      y = Add(c, "h.0.bias")
    })");
  valueOf(recoverModuleHierarchy(*component));
  EXPECT_THAT(modulePaths(*component), ElementsAre("h.0", "h.0", "h.1", "h.1"));
}

TEST(ModuleHierarchy, FusedNodesAreFoundByTheirParameters) {
  // The fused norm has lost its name; its parameter names a module that other nodes are in.
  auto component = model(R"(
    g (float[1, 2] x) => (float[1, 2] y)
    <float[2] "model.h.1.norm.weight" = {1, 2}, float[2] "other.0.norm.weight" = {1, 2}> {
      ["/model/h.0/mlp/MatMul"] a = Relu(x)
      ["/model/h.1/norm/Shape"] s = Abs(a)
      ["SkipLayerNorm_3"] b, "", "", r =
          com.microsoft.SkipSimplifiedLayerNormalization(x, a, "model.h.1.norm.weight")
      ["unrelated"] c = Mul(b, "other.0.norm.weight")
      ["/model/h.1/mlp/MatMul"] d = Add(c, s)
      ["/model/h.1/mlp/Add"] y = Add(d, r)
    })");
  valueOf(recoverModuleHierarchy(*component));
  EXPECT_THAT(modulePaths(*component),
              ElementsAre("model.h.0.mlp", "model.h.1.norm", "model.h.1.norm", "model.h.1",
                          "model.h.1.mlp", "model.h.1.mlp"));
}

TEST(ModuleHierarchy, StructureWhereThereAreNoNames) {
  // An embedding, three blocks of two weighted nodes in different orders, a head.
  auto component = model(R"(
    g (int64[1] ids) => (float[1, 5] y)
    <float[5, 2] t = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, float[2, 5] h = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
     float[2, 3] a0 = {1, 2, 3, 4, 5, 6}, float[3, 2] b0 = {1, 2, 3, 4, 5, 6},
     float[2, 3] a1 = {1, 2, 3, 4, 5, 6}, float[3, 2] b1 = {1, 2, 3, 4, 5, 6},
     float[2, 3] a2 = {1, 2, 3, 4, 5, 6}, float[3, 2] b2 = {1, 2, 3, 4, 5, 6}> {
      e = Gather(t, ids)
      u0 = MatMul(e, a0)
      v0 = Relu(u0)
      w0 = MatMul(v0, b0)
      x0 = Add(e, w0)
      u1 = MatMul(x0, a1)
      v1 = Relu(u1)
      extra = Shape(v1)
      w1 = MatMul(v1, b1)
      x1 = Add(x0, w1)
      u2 = MatMul(x1, a2)
      v2 = Relu(u2)
      w2 = MatMul(v2, b2)
      x2 = Add(x1, w2)
      y = MatMul(x2, h)
    })");
  ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(*component));
  EXPECT_EQ(hierarchy.evidence, HierarchyEvidence::Structure);
  EXPECT_THAT(modulePaths(*component),
              ElementsAre("embeddings", "block.0", "block.0", "block.0", "block.0", "block.1",
                          "block.1", "block.1", "block.1", "block.1", "block.2", "block.2",
                          "block.2", "block.2", "head"));
}

TEST(ModuleHierarchy, NamesThatTellNoLayersGoIntoTheBlocks) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <float[2, 2] a = {1, 2, 3, 4}, float[2, 2] b = {1, 2, 3, 4}> {
      ["/first/MatMul"] u = MatMul(x, a)
      ["/second/MatMul"] y = MatMul(u, b)
    })");
  valueOf(recoverModuleHierarchy(*component));
  EXPECT_THAT(modulePaths(*component), ElementsAre("block.0.first", "block.1.second"));
}

TEST(ModuleHierarchy, NestedNodesHaveModulesToo) {
  auto component = model(R"(
    g (bool c, float[2] x) => (float[2] y) {
      ["/h.0/Relu"] a = Relu(x)
      ["/h.1/If"] y = If (c) <
        then_branch = t () => (float[2] t1) { ["/h.1/inner/Neg"] t1 = Neg(a) },
        else_branch = e () => (float[2] e1) { ["plain"] e1 = Abs(a) }>
    })");
  valueOf(recoverModuleHierarchy(*component));
  std::vector<std::string> nested;
  component->graph.nodes().back().forEachSubgraph([&](ir::Graph &graph) {
    for (const ir::Node &node : graph.nodes())
      nested.push_back(node.modulePath);
  });
  EXPECT_THAT(nested, ElementsAre("h.1.inner", "h.1"));
}

TEST(ModuleHierarchy, HostileNamesAreNoModules) {
  std::string deep, longName(5000, 'x');
  for (int i = 0; i < 1000; ++i)
    deep += "/a";
  auto component = model(R"(
    g (float[2] x) => (float[2] y) { a = Relu(x)  b = Neg(a)  c = Abs(b)  d = Neg(c)  y = Abs(d) })");
  const std::string names[] = {deep + "/Relu", longName + "/Neg", "/..../Abs", "/./Neg",
                               "/a..b/Abs"};
  size_t index = 0;
  for (ir::Node &node : component->graph.nodes())
    node.name = names[index++];
  ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(*component));
  EXPECT_EQ(hierarchy.unnamedNodes, 5u);
}

} // namespace

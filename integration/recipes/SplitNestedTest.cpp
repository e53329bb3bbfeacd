// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Weights at every level: of modules around modules, of experts, in branches, loops and functions.

#include "SplitByMemoryRun.h"

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

/// A model of float[8] activations in ONNX's textual syntax, node by node.
class NestedModel {
public:
  NestedModel() {
    scale("Mul");
    scale("model/Mul");
    for (const char *layer : {"0", "1", "2", "3"}) {
      const std::string path = std::string("model/layers.") + layer + "/";
      scale(path + "Mul");
      scale(path + "mlp/Mul");
      for (const char *expert : {"0", "1"})
        project(path + "mlp/experts." + expert + "/w1/MatMul");
      scale(path + "mlp/experts/Mul");
      branch(path + "router/gate/If");
      loop(path + "memory/Loop");
      call(path + "norm/Twice");
    }
    scale("model/norm/Mul");
    project("lm_head/MatMul");
  }

  std::unique_ptr<ir::Component> parse() {
    return parseModel("<ir_version: 10, opset_import: [\"\" : 21, \"local\" : 1]>\n"
                      "m (float[B, 8] x, bool c) => (float[B, 8] " +
                      last + ")\n<" + weights + "> {" + nodes +
                      "\n}\n<domain: \"local\", opset_import: [\"\" : 21]>\n"
                      "Twice (v) => (w) { k = Constant<value = float[8] " +
                      numbers(8) + ">()  u = Mul(v, k)  w = Add(u, v) }");
  }

private:
  /// Numbers that differ from each other, so that a weight in the wrong place shows.
  std::string numbers(size_t count) {
    std::string text = "{";
    for (size_t i = 0; i < count; ++i) {
      seed = seed * 1664525 + 1013904223;
      text += (i == 0 ? "0." : ", 0.") + std::to_string(100 + seed / 5'000'000);
    }
    return text + "}";
  }
  void add(const std::string &path, const std::string &call) {
    const std::string result = "h" + std::to_string(count++);
    nodes += "\n[\"/" + path + "\"] " + result + " = " + call;
    last = result;
  }
  std::string weight(const std::string &type, size_t elements) {
    const std::string name = "w" + std::to_string(count);
    weights += (weights.empty() ? "" : ",\n") + type + " " + name + " = " + numbers(elements);
    return name;
  }
  void scale(const std::string &path) {
    add(path, "Mul(" + last + ", " + weight("float[8]", 8) + ")");
  }
  void project(const std::string &path) {
    add(path, "MatMul(" + last + ", " + weight("float[8, 8]", 64) + ")");
  }
  /// A constant in each branch, and one of the outer graph in both.
  void branch(const std::string &path) {
    const std::string outer = weight("float[8]", 8), id = std::to_string(count), input = last;
    auto body = [&](const std::string &name) {
      return name + "_branch = " + name + id + " () => (float[B, 8] r" + name + id + ") { k" +
             name + id + " = Constant<value = float[8] " + numbers(8) + ">()  s" + name + id +
             " = Add(" + input + ", k" + name + id + ")  r" + name + id + " = Mul(s" + name + id +
             ", " + outer + ") }";
    };
    add(path, "If (c) <" + body("then") + ", " + body("else") + ">");
  }
  /// Two rounds; the body has an initializer of its own, and a branch inside.
  void loop(const std::string &path) {
    const std::string id = std::to_string(count), own = "own" + id, input = last;
    nodes += "\nn" + id + " = Constant<value = int64 {2}>()";
    add(path, "Loop (n" + id + ", , " + input + ") <body = b" + id + " (int64 i" + id + ", bool t" +
                  id + ", float[B, 8] v" + id + ") => (bool q" + id + ", float[B, 8] o" + id +
                  ")\n<float[8] " + own + " = " + numbers(8) + "> {\nq" + id + " = Identity(t" +
                  id + ")\no" + id + " = If (c) <then_branch = lt" + id + " () => (float[B, 8] a" +
                  id + ") { a" + id + " = Add(v" + id + ", " + own + ") }, else_branch = le" + id +
                  " () => (float[B, 8] e" + id + ") { e" + id + " = Sub(v" + id + ", " + own +
                  ") }>\n}>");
  }
  void call(const std::string &path) { add(path, "local.Twice(" + last + ")"); }

  std::string nodes, weights, last = "x";
  unsigned count = 0;
  uint32_t seed = 0;
};

class SplitNestedTest : public SplitByMemoryRun {};

TEST_F(SplitNestedTest, noLevelLosesAByte) {
  const std::string path = folder.path("nested.onnx");
  writeModel(*NestedModel().parse(), path);
  const uint64_t bytes = ir::weightBytes(*readModel(path));
  // Scales, experts, what If and Loop hold (a scale outside, two in branches, one in the body, the
  // number of rounds), the function's.
  constexpr uint64_t Scale = 8 * 4, Matrix = 64 * 4, Layers = 4, Function = Scale;
  ASSERT_EQ(bytes,
            3 * Scale + Layers * (3 * Scale + 2 * Matrix + 4 * Scale + 8) + Matrix + Function);

  size_t most = 0;
  for (uint64_t parts : {1, 2, 4, 9}) {
    const ProcessResult run = splitAndVerify(path, "memory: " + std::to_string(bytes / parts));
    ASSERT_EQ(run.exitCode, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("bit-equal"));
    expectWithinBudgets(folder.path("out"));
    const Components components = componentsOf(folder.path("out"));
    EXPECT_EQ(bytesOf(components), bytes + statistic(run, "repeated-weight-bytes"));
    most = std::max(most, components.size());

    // Nothing but the function is needed in two places.
    uint64_t callers = 0;
    for (const auto &component : components)
      callers += component->functions.size();
    EXPECT_EQ(bytesOf(components), bytes + (callers - 1) * Function);
  }
  EXPECT_GT(most, 8u);
}

} // namespace

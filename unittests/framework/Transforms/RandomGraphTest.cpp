// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What must hold for every cut, on random graphs with random seeds.

#include "PartitionTestSupport.h"

#include "optrun/Analysis/Dataflow.h"

#include <random>

using namespace optrun;
using namespace optrun::test;

namespace {

/// A model of small elementwise nodes, some constant, some with nested graphs.
class RandomModel {
public:
  explicit RandomModel(uint32_t seed) : random(seed) {}

  std::string text(uint32_t parts) {
    std::string nodes;
    for (uint32_t i = 0; i < 2 + below(24); ++i) {
      const std::string out = "v" + std::to_string(i);
      const std::string name = below(2) ? "[\"p" + std::to_string(below(parts)) + "\"] " : "";
      switch (below(8)) {
      case 0:
        nodes += name + out + " = Constant<value = float[2] {" + std::to_string(i) + ", 1}>()\n";
        break;
      case 1:
        nodes += name + out + " = DequantizeLinear(q" + std::to_string(below(2)) + ", s)\n";
        break;
      case 2:
        nodes += name + out + " = If (c) <then_branch = t" + std::to_string(i) +
                 " () => (float[2] t" + out + ") { t" + out + " = Add(" + any() + ", " + any() +
                 ") }, else_branch = e" + std::to_string(i) + " () => (float[2] e" + out + ") { e" +
                 out + " = Neg(" + any() + ") }>\n";
        break;
      case 3:
        nodes += name + out + " = Neg(" + any() + ")\n";
        break;
      default:
        nodes += name + out + " = " + (below(2) ? "Add(" : "Max(") + any() + ", " + any() + ")\n";
      }
      values.push_back(out);
    }
    std::string outputs;
    for (const std::string &value : values)
      if (value == values.back() || below(5) == 0)
        outputs += (outputs.empty() ? "float[2] " : ", float[2] ") + value;
    return "g (bool c, float[2] x, float[2] z) => (" + outputs +
           ")\n<float[2] w0 = {1, 2}, float[2] w1 = {3, 4}, int8[2] q0 = {1, 2}, "
           "int8[2] q1 = {3, 4}, float s = {0.5}> {\n" +
           nodes + "}";
  }

private:
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(random() % limit); }
  const std::string &any() { return values[below(static_cast<uint32_t>(values.size()))]; }

  std::mt19937 random;
  std::vector<std::string> values{"x", "z", "w0", "w1"};
};

TEST(RandomGraph, EveryCutIsTheSameModel) {
  uint32_t cuts = 0;
  for (uint32_t round = 0; round < 400; ++round) {
    const uint32_t parts = 1 + round % 5;
    const std::string text = RandomModel(round).text(parts);
    auto component = model(text);
    Partition partition =
        valueOf(completePartition(component->graph, seedsByName(*component), parts));

    // No edge goes backwards, and no seed is left for an earlier part.
    Dataflow flow = valueOf(Dataflow::build(component->graph));
    const std::vector<uint32_t> seeds = seedsByName(*component);
    std::vector<uint32_t> renumbered(parts, 0);
    for (uint32_t node = 0; node < flow.size(); ++node) {
      ASSERT_LT(partition.partOf[node], parts);
      renumbered[partition.partOf[node]] = 1;
      if (flow.foldsConstants(node))
        continue;
      if (seeds[node] != Unassigned) {
        EXPECT_GE(partition.partOf[node], seeds[node]) << text;
      }
      for (uint32_t producer : flow.producers(node))
        if (producer != Dataflow::None && !flow.foldsConstants(producer)) {
          EXPECT_LE(partition.partOf[producer], partition.partOf[node]) << text;
        }
    }
    // Empty parts are no components.
    uint32_t filled = 0;
    for (uint32_t &part : renumbered)
      part = part ? filled++ : 0;
    for (uint32_t &part : partition.partOf)
      part = renumbered[part];
    partition.parts = filled;

    const PartContents payloads = valueOf(contentsOfParts(*component, partition));
    auto cutOnce = [&] { return cutComponent(*component, partition, partNames(filled)); };
    llvm::Expected<Chain> cutResult = cutOnce();
    if (!cutResult) {
      // A part may have held nothing but constants, which went to their users, or dead nodes.
      EXPECT_NE(errorOf(cutResult.takeError()).find("would have no "), std::string::npos);
      continue;
    }
    Chain chain = std::move(*cutResult);
    EXPECT_TRUE(chainIsComplete(*component, chain)) << text;
    for (uint32_t part = 0; part < filled; ++part)
      EXPECT_EQ(payloads.weightBytes(part), ir::weightBytes(*chain[part])) << text;
    Chain again = valueOf(cutOnce());
    for (uint32_t part = 0; part < filled; ++part)
      EXPECT_EQ(valueOf(optrun::onnx::writeModelToMemory(*chain[part])),
                valueOf(optrun::onnx::writeModelToMemory(*again[part])));
    if (round % 4 == 0) {
      EXPECT_TRUE(chainComputesTheSame(*component, chain)) << text;
    }
    if (testing::Test::HasFailure())
      break;
    ++cuts;
  }
  EXPECT_GT(cuts, 250u) << "most of the rounds";
}

} // namespace

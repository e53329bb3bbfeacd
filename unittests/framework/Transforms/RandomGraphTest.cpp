// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What must hold for every cut, on random graphs with random seeds.

#include "PartitionTestSupport.h"
#include "RandomModel.h"

#include "optrun/Analysis/Dataflow.h"

using namespace optrun;
using namespace optrun::test;

namespace {

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

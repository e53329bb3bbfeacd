// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Partitions of models in ONNX's textual syntax: a node whose name starts with "p0", "p1" … is
/// seeded to that part, other nodes are not.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_PARTITIONTESTSUPPORT_H
#define OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_PARTITIONTESTSUPPORT_H

#include "TestSupport/ChainChecks.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"
#include "optrun/Transforms/Partition.h"

namespace optrun::test {

inline std::vector<uint32_t> seedsByName(const ir::Component &component) {
  std::vector<uint32_t> seeds;
  for (const ir::Node &node : component.graph.nodes()) {
    llvm::StringRef name = node.name;
    uint32_t part = Unassigned;
    if (name.consume_front("p"))
      name.consumeInteger(10, part);
    seeds.push_back(part);
  }
  return seeds;
}

/// A model with opset 21 around \p graph (and functions after it), with inferred types. Names of
/// nodes must be unique for ONNX Runtime: the first output is added to those that are seeds.
inline std::unique_ptr<ir::Component> model(llvm::StringRef graph) {
  auto component = parseModel(
      ("<ir_version: 10, opset_import: [\"\" : 21, \"local\" : 1, \"com.microsoft\" : 1]>\n" +
       graph)
          .str());
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  for (ir::Node &node : component->graph.nodes())
    if (llvm::StringRef(node.name).starts_with("p"))
      for (const ir::Value *output : node.outputs())
        if (output) {
          node.name += "." + output->name().str();
          break;
        }
  return component;
}

/// The nodes that give \p values, for Partition::recomputed.
inline llvm::BitVector producersOf(const ir::Component &component,
                                   llvm::ArrayRef<const char *> values) {
  const Dataflow flow = valueOf(Dataflow::build(component.graph));
  llvm::BitVector nodes(flow.size());
  for (const char *value : values)
    nodes.set(flow.indexOf(*component.graph.findValue(value)->producer()));
  return nodes;
}

inline std::vector<std::string> partNames(uint32_t parts) {
  std::vector<std::string> names;
  for (uint32_t part = 0; part < parts; ++part)
    names.push_back("split_" + std::to_string(part));
  return names;
}

/// Cuts, and checks what must hold for every cut.
inline Chain cut(const ir::Component &component, const Partition &partition) {
  const PartContents payloads = valueOf(contentsOfParts(component, partition));
  Chain chain = valueOf(cutComponent(component, partition, partNames(partition.parts)));
  EXPECT_TRUE(chainIsComplete(component, chain, partition.recomputed));
  for (uint32_t part = 0; part < partition.parts; ++part)
    EXPECT_EQ(payloads.weightBytes(part), ir::weightBytes(*chain[part])) << "part " << part;
  return chain;
}

/// Completes the seeds in the names and cuts.
inline Chain cut(const ir::Component &component, uint32_t parts,
                 const llvm::BitVector &recomputed = {}) {
  Partition partition = valueOf(completePartition(component.graph, seedsByName(component), parts));
  partition.recomputed = recomputed;
  return cut(component, partition);
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_PARTITIONTESTSUPPORT_H

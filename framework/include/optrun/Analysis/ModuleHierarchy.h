// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Recovers the module hierarchy of a model made by others: fills Node::modulePath.

#ifndef OPTRUN_ANALYSIS_MODULEHIERARCHY_H
#define OPTRUN_ANALYSIS_MODULEHIERARCHY_H

#include "optrun/Analysis/Dataflow.h"
#include "optrun/IR/Package.h"

namespace optrun {

/// Where the module paths came from, the best evidence first.
enum class HierarchyEvidence {
  Metadata,  // metadata_props of the dynamo exporter, of our own exports, or of GenAI models
  NodeNames, // TorchScript, optimum, GenAI builder, BERT-like: "/model/layers.3/mlp/up_proj/MatMul"
  ParameterNames, // initializers: "encoder.layer.3.attention.self.query.bias"
  Structure       // the longest run of isomorphic consecutive subgraphs: "block.0" …
};

struct ModuleHierarchy {
  HierarchyEvidence evidence = HierarchyEvidence::Structure;
  size_t namedNodes = 0;     // with evidence of their own
  size_t inheritedNodes = 0; // from their neighbours by dataflow
  size_t unnamedNodes = 0;   // left empty: belong to no module (masks, positions)
};

/// Rules: reference/models.md, "Recovering the module hierarchy". Linear in the graph.
llvm::Expected<ModuleHierarchy> recoverModuleHierarchy(ir::Component &component);
/// The same with the dataflow of the component's graph.
ModuleHierarchy recoverModuleHierarchy(ir::Component &component, const Dataflow &flow);

/// The model's repeated block.
struct RepeatedBlock {
  std::string path;                // "model.layers"
  std::vector<std::string> layers; // "model.layers.0" … in order of execution; ids may have gaps
};

/// Finds the repeated block from the module paths: the numbered module list with the most layers
/// (weight bytes decide a tie), or the one at \p path. An error that lists the candidates when
/// there is none. Nested lists (experts inside a layer) are not taken for the layers.
llvm::Expected<RepeatedBlock> findRepeatedBlock(const ir::Component &component,
                                                llvm::StringRef path = "auto");
/// The same with the dataflow of the component's graph.
llvm::Expected<RepeatedBlock> findRepeatedBlock(const ir::Component &component,
                                                const Dataflow &flow,
                                                llvm::StringRef path = "auto");

/// For each top-level node, in order: the index of the layer it belongs to, or NoLayer.
inline constexpr uint32_t NoLayer = ~0u;
std::vector<uint32_t> layerOfNodes(const ir::Component &component, const RepeatedBlock &block);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_MODULEHIERARCHY_H

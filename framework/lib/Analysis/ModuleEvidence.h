// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The sources from which module paths are recovered, one function each. Each says for every
/// top-level node which module it belongs to, as far as that source knows.

#ifndef OPTRUN_LIB_ANALYSIS_MODULEEVIDENCE_H
#define OPTRUN_LIB_ANALYSIS_MODULEEVIDENCE_H

#include "ModuleTree.h"

#include "optrun/Analysis/Dataflow.h"

#include <optional>
#include <string>

namespace optrun {

/// By node number: the module, ModuleTree::Root for a node known to be outside of every module, or
/// ModuleTree::None.
using ModuleEvidence = std::vector<ModuleTree::Id>;

/// The module path that the metadata_props of one node name: "pkg.torch.onnx.name_scopes", else
/// "namespace".
std::optional<std::string> metadataModulePath(const ir::Node &node);
ModuleEvidence metadataEvidence(const Dataflow &flow, ModuleTree &tree);

/// The module path inside of a hierarchical node name ("/model/layers.3/mlp/up_proj/MatMul").
std::optional<std::string> nodeNameModulePath(llvm::StringRef nodeName);
ModuleEvidence nodeNameEvidence(const Dataflow &flow, const ir::Graph &graph, ModuleTree &tree);

/// The module path that owns a parameter ("encoder.layer.3.output.dense.bias").
std::optional<std::string> parameterModulePath(llvm::StringRef parameterName);
ModuleEvidence parameterNameEvidence(const Dataflow &flow, ModuleTree &tree);

/// The longest run of isomorphic consecutive stretches of weighted nodes, as modules "block.0",
/// "block.1" …, with the weighted nodes before in "embeddings" and those after in "head"; all None
/// when nothing repeats.
ModuleEvidence structuralEvidence(const Dataflow &flow, ModuleTree &tree);

/// Gives nodes without evidence the module of their neighbours by dataflow: what lies between two
/// nodes of one module belongs to it; what lies between two layers, to the first; constants belong
/// to their users. Nodes that no named node precedes (masks, positions) stay None. Returns the
/// number of nodes that got a module.
size_t spreadEvidence(const Dataflow &flow, ModuleTree &tree, ModuleEvidence &evidence);

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_MODULEEVIDENCE_H

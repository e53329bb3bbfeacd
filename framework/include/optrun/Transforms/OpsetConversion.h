// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Raises the version of ONNX's own operators that a model is written in.

#ifndef OPTRUN_TRANSFORMS_OPSETCONVERSION_H
#define OPTRUN_TRANSFORMS_OPSETCONVERSION_H

#include "optrun/IR/Package.h"

namespace optrun {

/// The oldest opset that convertOpset() starts from. Before it, broadcasting was an attribute.
constexpr int64_t OldestConvertibleOpset = 7;
/// The oldest opset that models are raised to: before it, Resize could not say which elements an
/// Upsample takes.
constexpr int64_t OldestTargetOpset = 11;

/// Raises the import of ai.onnx to \p target, for the graph, nested graphs and model-local
/// functions (each from the version that it imports); what imports \p target or more already stays
/// as it is. The IR version rises to that of the opset's release. Nodes whose operator changed on
/// the way are rewritten so that the model computes the same.
///
/// Names, metadata, documentation and constants stay; a rewritten node keeps its own, and what is
/// put in front of it (Constant, Shape, Reshape …) belongs to its module. Values stay the objects
/// that they are; a rewritten node may be a new one. Weights are not read, but for constants of a
/// few elements that are parameters of an operator (the scales of a Resize). Missing types are
/// inferred where a rewrite needs them.
///
/// An error names the node, its operator, the versions and the reason, and leaves the component as
/// it was: for an operator whose change cannot be undone by rewriting, for one that the table of
/// changes does not list, for a version below OldestConvertibleOpset, and for a target that is
/// below OldestTargetOpset or not known to the ONNX library. Other domains' operators are not
/// looked at.
llvm::Error convertOpset(ir::Component &component, int64_t target);

/// Raises the IR version to \p target, if it is lower. Below 4 every initializer had to be an
/// input; from there on such an input is one that callers may set, and so initializers are none any
/// more.
void raiseIrVersion(ir::Component &component, int64_t target);

/// What is known of the change of an ai.onnx operator to its definition of opset \p version.
enum class OpsetChange {
  Unknown,
  Widened, // it only takes more: types, optional inputs, attributes that default to the old meaning
  Adapted, // nodes are checked, and rewritten where that is needed
  Refused, // it means something else
};
OpsetChange knownOpsetChange(llvm::StringRef opType, int64_t version);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_OPSETCONVERSION_H

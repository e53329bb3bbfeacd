// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What each part of a partition will hold: found once, for planning bytes and for cutting.

#ifndef OPTRUN_LIB_TRANSFORMS_PARTLAYOUT_H
#define OPTRUN_LIB_TRANSFORMS_PARTLAYOUT_H

#include "optrun/Analysis/Dataflow.h"
#include "optrun/Transforms/Partition.h"

namespace optrun {

struct PartLayout {
  std::vector<uint32_t> nodes;           // ascending, copied nodes included
  std::vector<ir::Value *> inputs;       // of the original graph, in its order
  std::vector<ir::Value *> received;     // from earlier parts, in order of production
  std::vector<ir::Value *> initializers; // in the original order; overridable ones are inputs too
  std::vector<ir::Value *> outputs;      // of the original graph, in its order, with repeats
  std::vector<ir::Value *> handedOn;     // to later parts and no original output, as produced
  std::vector<const ir::Function *> functions; // in the original order
};

/// The layouts of all parts, by the rules of cutComponent(). Linear in the graph and its copies.
llvm::Expected<std::vector<PartLayout>>
layOutParts(const ir::Component &component, const Dataflow &flow, const Partition &partition);

} // namespace optrun

#endif // OPTRUN_LIB_TRANSFORMS_PARTLAYOUT_H

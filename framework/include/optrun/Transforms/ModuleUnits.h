// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The indivisible units between which a component can be cut.

#ifndef OPTRUN_TRANSFORMS_MODULEUNITS_H
#define OPTRUN_TRANSFORMS_MODULEUNITS_H

#include "optrun/Transforms/Partition.h"

namespace optrun {

/// Units in the order in which they run. Any run of consecutive units can be a component.
struct ModuleUnits {
  Partition partition; // by node number, the unit; units are its parts
  struct Unit {
    std::string name; // a module path, or a node for a weight outside of leaf modules
    /// A cut just before this unit falls between layers, or between a layer and what is around it.
    bool startsLayer = false;
  };
  std::vector<Unit> units;
};

/// Makes a unit of each leaf module, and of each node with a weight that is in no leaf module
/// (experts' tables) or, where layers have no modules of their own, in any module of several
/// weights. Other nodes (residual additions, attention scores) go to the unit whose results they
/// need, as completePartition() does; what a layer makes for itself (its slice of a mask) not
/// before the first unit of its module there. What leads nowhere goes to its neighbour, so that
/// every unit hands on something. A component without module paths and weights is one unit. The
/// nodes of \p recomputed (Partition::recomputed) belong to no unit but are computed where they are
/// used. Linear in the graph.
llvm::Expected<ModuleUnits> divideIntoUnits(const ir::Component &component, const Dataflow &flow,
                                            const llvm::BitVector &recomputed = {});

/// The same partition with each part a run of units: part i starts with unit \p starts[i], the
/// first at 0, ascending.
Partition joinUnits(const ModuleUnits &units, llvm::ArrayRef<uint32_t> starts);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_MODULEUNITS_H

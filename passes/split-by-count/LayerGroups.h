// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Divides a sequence of layers into consecutive groups.

#ifndef OPTRUN_PASSES_SPLITBYCOUNT_LAYERGROUPS_H
#define OPTRUN_PASSES_SPLITBYCOUNT_LAYERGROUPS_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace optrun {

/// Groups [starts[i], starts[i + 1]), the last one to the end. None is empty.
using GroupStarts = std::vector<uint32_t>;

/// As many layers in each group; the first (layers % groups) get one more, as numpy.array_split
/// does. 1 <= groups <= layers.
GroupStarts divideEvenly(uint32_t layers, uint32_t groups);

/// What layers hold: payloads by number, and their bytes. A payload that several layers of a group
/// hold counts once.
struct LayerPayloads {
  llvm::ArrayRef<std::vector<uint32_t>> payloadsOf; // for each layer
  llvm::ArrayRef<uint64_t> bytes;                   // of each payload
};

/// The groups whose largest has the fewest bytes possible. Among those the groups are kept close to
/// equal, from the first on. Exact; takes time in the number of payloads times 64.
/// 1 <= groups <= layers.
GroupStarts divideByBytes(const LayerPayloads &layers, uint32_t groups);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYCOUNT_LAYERGROUPS_H

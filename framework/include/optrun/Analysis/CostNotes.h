// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What an estimate does not know, in words: for every pass that makes one.

#ifndef OPTRUN_ANALYSIS_COSTNOTES_H
#define OPTRUN_ANALYSIS_COSTNOTES_H

#include "optrun/Analysis/NodeCost.h"

namespace optrun {

struct CostNotes {
  std::vector<std::string> remarks;  // what was assumed
  std::vector<std::string> warnings; // what counts too little
};

/// Names the first few of many.
CostNotes notesOn(const GraphCost &cost);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_COSTNOTES_H

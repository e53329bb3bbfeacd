// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What changed in which version of an ai.onnx operator, from opset 8 on.

#ifndef OPTRUN_LIB_TRANSFORMS_OPSET_STEPS_H
#define OPTRUN_LIB_TRANSFORMS_OPSET_STEPS_H

#include "Adapters.h"

#include "optrun/Transforms/OpsetConversion.h"

namespace optrun::opset {

/// The change to one version. A step without check and rewrite changes nothing.
struct Step {
  int64_t version = 0;
  OpsetChange change = OpsetChange::Unknown;
  llvm::StringRef reason;    // of a refusal
  bool looksAtTypes = false; // a check or rewrite may look at types
  Check check = nullptr;
  Rewrite rewrite = nullptr;
};

Step findStep(llvm::StringRef opType, int64_t version);

} // namespace optrun::opset

#endif // OPTRUN_LIB_TRANSFORMS_OPSET_STEPS_H

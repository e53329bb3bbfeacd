// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From the passes that a recipe names to a chain that is checked and ready to run. For programs
/// that run passes; plugins do not use it.

#ifndef OPTRUN_PASS_PIPELINE_H
#define OPTRUN_PASS_PIPELINE_H

#include "optrun/Pass/PassRegistry.h"

#include <optional>
#include <string>
#include <vector>

namespace optrun {

/// One entry of a recipe's list of passes.
struct PassRequest {
  std::string id;
  std::string name;     // of this step; the id when empty
  llvm::SMLoc location; // of the id
  ConfigNode options;   // a mapping or null
};

struct PipelineRequest {
  std::string recipeName;
  std::string recipePath; // empty when not from a file
  std::vector<PassRequest> passes;
};

/// A pass with its options, ready to run.
struct PlannedPass {
  const PassEntry *entry = nullptr;
  std::string name; // of this step; the pass's id mostly
  std::unique_ptr<Pass> pass;
  ConfigNode options;  // as they will be used, defaults included
  PassRequest request; // as the recipe has it
};

struct Pipeline {
  std::string recipeName;
  std::string recipePath;
  std::vector<PlannedPass> passes;
};

/// Resolves every pass, parses all options, checks that what a pass reads is written before it,
/// that the first pass and no other makes the model, and asks every pass to check what it can
/// (Pass::check). Reports all problems at their places in the recipe; nothing when there was one.
std::optional<Pipeline> planPipeline(const PipelineRequest &request, PassResolver &resolver,
                                     Diagnostics &diagnostics);

/// For --dry-run: the passes in order with their options.
void printPlan(const Pipeline &pipeline, llvm::raw_ostream &os);

} // namespace optrun

#endif // OPTRUN_PASS_PIPELINE_H

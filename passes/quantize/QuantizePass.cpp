// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The pass quantize.

#include "PackageQuantizer.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Results/CapturedModel.h"
#include "optrun/Results/Importance.h"
#include "optrun/Results/ReferenceModel.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/CompressPackage.h"

namespace optrun::quantize {
namespace {

class Quantize final : public PackagePass {
public:
  using Options = QuantizeOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "quantize";
    info.summary = "Rounds weights to 8, 4 or 2 bits.";
    info.description =
        "Rounds the weights of MatMul, Gemm, Conv and Gather (embeddings) to integers of 8, 4 or 2 "
        "bits with a scale, and possibly a zero point, for each weight, channel or block of a "
        "channel. What nodes share (tied embeddings) is quantized once. Weights are read, rounded "
        "and written tile by tile; none is in memory as a whole.\n\n"
        "With `kind: dynamic` products are computed in 8-bit integers: activations are rounded as "
        "they come.\n\n"
        "Quantized before or after a split, components hold the same bytes. Weights with infinite "
        "values or NaN, those of model-local functions, and those that other operators read, too, "
        "stay as they are, and are named. The opset is raised where the operators need it: 21 for "
        "4 bits and for blocks, 25 for 2 bits.\n\n"
        "Prints a table of what was made of the weights, with the relative error ‖w−ŵ‖/‖w‖; "
        "`--stats` has it for each of them. See quantizing.md.";
    info.readsIfPresent = {CapturedModel::Id.str(), Importance::Id.str(), ReferenceModel::Id.str(),
                           SplitPlan::Id.str()};
    info.writes = {ReferenceModel::Id.str()};
    info.mayWrite = {SplitPlan::Id.str()};
    return info;
  }

  explicit Quantize(Options options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    for (const OptionProblem &problem : findProblems(options))
      context.error(problem.option, problem.message);
    if (!context.mayHave(SplitPlan::Id))
      context.leavesOut(SplitPlan::Id);
  }

  llvm::Error run(ir::Package &package, PassContext &context) override {
    llvm::Expected<std::vector<CompressedWeight>> weights =
        quantizePackage(package, options, context);
    if (!weights)
      return weights.takeError();
    reportCompression(package, *weights, "quantized", context);
    return llvm::Error::success();
  }

private:
  Options options;
};

} // namespace
} // namespace optrun::quantize

OPTRUN_PLUGIN("quantize", OPTRUN_VERSION, optrun::quantize::Quantize);

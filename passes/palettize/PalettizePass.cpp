// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The pass palettize.

#include "PackagePalettizer.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Results/CapturedModel.h"
#include "optrun/Results/Importance.h"
#include "optrun/Results/ReferenceModel.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/CompressPackage.h"

namespace optrun::palettize {
namespace {

class Palettize final : public PackagePass {
public:
  using Options = PalettizeOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "palettize";
    info.summary = "Replaces weights by indices of 1 to 8 bits into look-up tables.";
    info.description =
        "Clusters the weights of MatMul, Gemm, Conv and Gather (embeddings) into 2 to 256 values, "
        "which are stored in a table for each weight, group of output channels or channel; of "
        "each weight, its index is stored. By default tables are the best that there are: the "
        "weighted sum of squared errors is the least, not that of a local minimum. Weights of "
        "errors are the importance of inputs where a pass before has measured it. What nodes share "
        "(tied embeddings) is palettized once. Weights are read and written tile by tile; none is "
        "in memory as a whole.\n\n"
        "Nodes read weights through model-local functions of ONNX's own operators, "
        "`optrun::LutToDense` and, for embeddings, `optrun::LutGather`. They need opset 12 and IR "
        "version 10, to which models are raised.\n\n"
        "Palettized before or after a split, components hold the same bytes. Weights with infinite "
        "values or NaN, those of model-local functions, and those that other operators read, too, "
        "stay as they are, and are named.\n\n"
        "Prints a table of what was made of the weights, with the relative error ‖w−ŵ‖/‖w‖; "
        "`--stats` has it for each of them. See palettizing.md.";
    info.readsIfPresent = {CapturedModel::Id.str(), Importance::Id.str(), ReferenceModel::Id.str(),
                           SplitPlan::Id.str()};
    info.writes = {ReferenceModel::Id.str()};
    info.mayWrite = {SplitPlan::Id.str()};
    return info;
  }

  explicit Palettize(Options options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    for (const OptionProblem &problem : findProblems(options, context.mayHave(Importance::Id)))
      context.error(problem.option, problem.message);
    if (!context.mayHave(SplitPlan::Id))
      context.leavesOut(SplitPlan::Id);
  }

  llvm::Error run(ir::Package &package, PassContext &context) override {
    llvm::Expected<std::vector<CompressedWeight>> weights =
        palettizePackage(package, options, context);
    if (!weights)
      return weights.takeError();
    reportCompression(package, *weights, "palettized", context);
    return llvm::Error::success();
  }

private:
  Options options;
};

} // namespace
} // namespace optrun::palettize

OPTRUN_PLUGIN("palettize", OPTRUN_VERSION, optrun::palettize::Palettize);

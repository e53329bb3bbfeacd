// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The verify pass: exported components against the original model.

#include "Judgement.h"
#include "Verification.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Results/CapturedModel.h"
#include "optrun/Results/ModelFiles.h"
#include "optrun/Results/ReferenceModel.h"
#include "optrun/Runtime/RunningPass.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::verify {
namespace {

class Verify final : public PackagePass {
public:
  using Options = VerifyOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "verify";
    info.summary = "Runs the exported components and the original model, and compares.";
    info.description =
        "Runs the original and the chain of components in ONNX Runtime on the same inputs, twice. "
        "With graph optimizations off the outputs must have the same bits; with them on, they "
        "must agree within `tolerance`. A difference fails the run, and nothing is published.\n\n"
        "Inputs are generated unless given: token ids within the tables that they select from, "
        "masks with padding on the left, positions that count the tokens, keys and values of "
        "earlier tokens, for several batch sizes and sequence lengths. One model is in memory at "
        "a time.\n\n"
        "When a pass before has changed values on purpose (quantize), components have to compute "
        "what the changed model computes, whole and before it was written: that is the original "
        "then. With `exact: false` the original is the model as captured, and `tolerance` says "
        "how far from it the result may be.\n\n"
        "A checkpoint is compared as it was captured, before the passes that followed. Its weights "
        "are used where they lie; those that are not stored as they are computed with (quantized "
        "or bfloat16) are written to a scratch file beside the output, block by block.\n\n"
        "Needs ONNX Runtime (`tools/dev setup`, or `ONNXRUNTIME_ROOT`); without it the recipe is "
        "refused before anything runs.";
    info.reads = {ExportedModel::Id.str()};
    info.readsIfPresent = {CapturedModel::Id.str(), ReferenceModel::Id.str()};
    info.writes = {VerificationReport::Id.str()};
    return info;
  }

  explicit Verify(VerifyOptions options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    runtime::checkUsable(context, "verify");
    if (options.reference && !sys::fs::is_regular_file(options.reference->path))
      context.error("reference", "there is no file '" + options.reference->path + "'");
    if (options.inputs && !sys::fs::is_directory(options.inputs->path))
      context.error("inputs", "there is no folder '" + options.inputs->path + "'");
  }

  Error run(ir::Package &package, PassContext &context) override {
    Subject subject;
    if (Error error = findOriginal(package, context).moveInto(subject.original))
      return error;
    Expected<ModelFiles> exported = modelFilesOf(*package.attachments.get<ExportedModel>());
    if (!exported)
      return exported.takeError();
    subject.links = std::move(exported->links);
    subject.components = package.components;
    Expected<std::unique_ptr<VerificationReport>> report = verifyChain(options, subject, context);
    if (!report)
      return report.takeError();
    if (Error error = judge(**report))
      return error;
    context.remark((*report)->summary());
    package.attachments.set(std::move(*report));
    return Error::success();
  }

private:
  Expected<std::unique_ptr<Original>> findOriginal(const ir::Package &package,
                                                   PassContext &context) const {
    if (options.reference)
      return Original::inFile(options.reference->path);
    if (package.sources.empty())
      return createStringError("there is no model to compare with: set reference");
    const std::string &source = package.sources.front().path;
    const std::string name = sys::path::filename(source).str();
    if (const auto *changed = package.attachments.get<ReferenceModel>(); changed && options.exact)
      return original(*changed->graph, name + " after " + join(changed->changedBy, " and "),
                      package, context);
    const auto *captured = package.attachments.get<CapturedModel>();
    if (!captured || !captured->graph)
      return Original::inFile(source);
    return original(*captured->graph, name, package, context);
  }

  static Expected<std::unique_ptr<Original>> original(const ir::Component &model, StringRef name,
                                                      const ir::Package &package,
                                                      PassContext &context) {
    // Beside what export writes, which is where there is room for a model.
    Expected<StagedFolder *> folder =
        context.stageFolder(package.attachments.get<ExportedModel>()->folder, {});
    if (!folder)
      return folder.takeError();
    return Original::captured(model, name, **folder, context);
  }

  VerifyOptions options;
};

} // namespace
} // namespace optrun::verify

OPTRUN_PLUGIN("verify", OPTRUN_VERSION, optrun::verify::Verify);

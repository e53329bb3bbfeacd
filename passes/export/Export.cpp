// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The export pass: writes the package to a folder, with a manifest.

#include "EarlierResult.h"
#include "ExportJob.h"
#include "TargetFiles.h"

#include "optrun/Plugin/Plugin.h"
#include "optrun/Results/Evaluation.h"
#include "optrun/Results/LanguageModel.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Results/VerificationReport.h"
#include "optrun/Support/Version.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cerrno>
#include <system_error>
#include <unistd.h>

using namespace llvm;

namespace optrun::exporting {
namespace {

/// The nearest ancestor of \p path, or \p path itself, that exists.
std::string existingPart(StringRef path) {
  while (!path.empty() && !sys::fs::exists(path))
    path = sys::path::parent_path(path);
  return path.empty() ? "." : path.str();
}

/// Completes the manifest with what is known only when the run has succeeded.
Error finish(Manifest manifest, const std::string &path, const ir::Package &package,
             const RunRecord &run) {
  manifest.recipe = run.recipeName;
  manifest.passes = run.passes;
  if (const auto *report = package.attachments.get<VerificationReport>())
    manifest.verification = {report->inputSets(), report->outputs(), report->allBitEqual(),
                             report->tolerance};
  if (const auto *evaluation = package.attachments.get<Evaluation>();
      evaluation && evaluation->isOfExport)
    manifest.evaluation = evaluation->figures;
  return writeText(path, printManifest(manifest));
}

class Export final : public PackagePass {
public:
  using Options = ExportOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "export";
    info.summary = "Writes the components as ONNX files or a checkpoint, with a manifest.";
    info.description =
        "Writes `model.onnx` for one component, `split_0.onnx`, `split_1.onnx` … for several, "
        "their data files and `manifest.json`. Running the components in order, passing values by "
        "name, gives the outputs of the original model.\n\n"
        "The files appear together when the whole run has succeeded; a run that fails or is "
        "interrupted leaves what was there before. Every component passes the ONNX checker, is "
        "read back, and holds exactly the bytes of weights that the split planned.\n\n"
        "Weights of at least 1 KiB go to data files, each payload once and at a multiple of 4096 "
        "bytes. With `external-data: shared` into a folder that holds the model's own data file "
        "(below it at any depth), the components point into that file and no weight is copied; "
        "this works for weights inside an .onnx file too. Keep that file then: the components "
        "need it.\n\n"
        "With `targets: [genai]` ONNX Runtime GenAI generates text with the folder: as a decoder "
        "when it holds one component, as a pipeline when it holds several. With `targets: "
        "[safetensors]` the folder is a checkpoint for Hugging Face's libraries: the tensors that "
        "were captured, with their names, order and types (quantized ones of a GGUF file as "
        "capture read them), whatever types the graph has. docs/exporting.md has more.";
    info.readsIfPresent = {SplitPlan::Id.str(), LanguageModel::Id.str()};
    info.writes = {ExportedModel::Id.str()};
    return info;
  }

  explicit Export(ExportOptions options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    checkTargets(context);
    const std::string &output = options.output.path;
    std::string existing = existingPart(output);
    if (!sys::fs::is_directory(existing))
      return context.error("output", "'" + existing + "' is a file, not a folder");
    if (::access(existing.c_str(), W_OK | X_OK) != 0)
      return context.error("output", "cannot write to '" + existing +
                                         "': " + std::generic_category().message(errno));
    Expected<std::optional<std::vector<std::string>>> earlier = findEarlierResult(output);
    if (!earlier)
      return context.error("output", toString(earlier.takeError()));
    if (*earlier && !options.overwrite)
      context.error("output", "'" + output +
                                  "' holds the result of an earlier run: choose another folder or "
                                  "add overwrite: true");
  }

  Error run(ir::Package &package, PassContext &context) override {
    Expected<FinishedExport> result = exportPackage(options, package, context);
    if (!result)
      return result.takeError();
    package.attachments.set(std::move(result->model));
    context.onSuccess([manifest = std::move(result->manifest), path = result->manifestPath](
                          const ir::Package &finished, const RunRecord &record) {
      return finish(manifest, path, finished, record);
    });
    return Error::success();
  }

private:
  void checkTargets(CheckContext &context) const {
    const bool needsModel = options.has(Target::GenAi) || options.has(Target::SafeTensors);
    if (needsModel && !context.mayHave(LanguageModel::Id))
      context.error("targets", NeedsLanguageModel);
  }

  ExportOptions options;
};

} // namespace
} // namespace optrun::exporting

OPTRUN_PLUGIN("export", OPTRUN_VERSION, optrun::exporting::Export);

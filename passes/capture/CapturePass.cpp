// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The pass capture.

#include "CheckpointModel.h"
#include "ModelFile.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Plugin/Plugin.h"
#include "optrun/Results/CapturedModel.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

namespace optrun {
namespace {

llvm::StringRef describe(HierarchyEvidence evidence) {
  switch (evidence) {
  case HierarchyEvidence::Metadata:
    return "the metadata of nodes";
  case HierarchyEvidence::NodeNames:
    return "the names of nodes";
  case HierarchyEvidence::ParameterNames:
    return "the names of parameters";
  case HierarchyEvidence::Structure:
    return "repetition in the structure";
  }
  return "";
}

class Capture final : public PackagePass {
public:
  using Options = CaptureOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "capture";
    info.isSource = true;
    info.summary =
        "Reads a model: an ONNX file, a Hugging Face checkpoint or a GGUF file, of any size.";
    info.description =
        "Reads the graph of an ONNX file, with or without external data. For a checkpoint, builds "
        "the graph that its config.json (or GGUF's metadata) describes: inputs `input_ids`, "
        "`attention_mask`, `position_ids` and `past_key_values.N.key` and `.value`, outputs "
        "`logits` and `present.N.key` and `.value`. Families (`model_type`): gemma2, gpt2, llama "
        "(Llama 2 and 3, SmolLM2), mistral, opt, phi3, qwen2, qwen3. A checkpoint whose tensors "
        "are "
        "not those that its configuration describes is refused.\n\n"
        "Weights stay in their files until a pass needs them. Infers the shapes "
        "that the file does not state, and gives every node the path of the module that it belongs "
        "to, from the metadata of the dynamo exporter, the names of nodes (TorchScript, optimum, "
        "GenAI builder, TensorFlow), the names of parameters, or else from what repeats in the "
        "structure of the graph. Later passes find layers and select weights by these paths.";
    info.writes = {CapturedModel::Id.str()};
    info.mayWrite = {LanguageModel::Id.str()}; // for checkpoints
    return info;
  }

  explicit Capture(Options options) : options(std::move(options)) {}

  void check(CheckContext &context) override {
    llvm::Expected<ModelLocation> model = findModel(options);
    if (!model)
      return context.error("model", llvm::toString(model.takeError()));
    if (model->kind == ModelLocation::Kind::Onnx) {
      context.leavesOut(LanguageModel::Id);
      return refuseCheckpointOptions(context);
    }
    if (options.maxFileSize)
      context.error("max-file-size",
                    "this model is a checkpoint; max-file-size is for ONNX models");
    llvm::Expected<CheckpointModel> opened = openCheckpointModel(model->path, options);
    if (opened)
      return;
    const std::string problems = llvm::toString(opened.takeError());
    for (llvm::StringRef problem : llvm::split(problems, '\n'))
      context.error("model", problem);
  }

  llvm::Error run(ir::Package &package, PassContext &context) override {
    llvm::Expected<ModelLocation> model = findModel(options);
    if (!model)
      return model.takeError();
    llvm::Expected<Captured> captured = model->kind == ModelLocation::Kind::Onnx
                                            ? readOnnx(model->path, context)
                                            : readCheckpoint(model->path, context);
    if (!captured)
      return captured.takeError();
    if (llvm::Error interrupted = context.checkInterrupted())
      return interrupted;
    if (llvm::Error error = analyze(*captured->component, context))
      return error;
    auto original = std::make_unique<CapturedModel>();
    if (model->kind != ModelLocation::Kind::Onnx)
      if (llvm::Error error = ir::cloneComponent(*captured->component).moveInto(original->graph))
        return error;
    package.attachments.set(std::move(original));

    // Symlinks stay: in a Hugging Face cache the model's neighbours have their names only there.
    llvm::SmallString<128> absolute(captured->mainFile);
    if (std::error_code error = llvm::sys::fs::make_absolute(absolute))
      return llvm::createFileError(captured->mainFile, error);
    package.sources.push_back({absolute.str().str()});
    for (const std::string &dataFile : captured->dataFiles)
      package.sources.push_back({dataFile});
    package.components.push_back(std::move(captured->component));
    if (captured->languageModel)
      package.attachments.set(std::move(captured->languageModel));
    return llvm::Error::success();
  }

private:
  struct Captured {
    std::unique_ptr<ir::Component> component;
    std::string mainFile;
    std::vector<std::string> dataFiles;
    std::unique_ptr<LanguageModel> languageModel; // of checkpoints
  };

  void refuseCheckpointOptions(CheckContext &context) const {
    const CaptureOptions defaults;
    auto refuse = [&](llvm::StringRef option, bool isDefault) {
      if (!isDefault)
        context.error(option,
                      "an ONNX model is captured as it is; " + option + " is for checkpoints");
    };
    refuse("precision", options.precision == defaults.precision);
    refuse("opset", options.opset == defaults.opset);
    refuse("kv-cache", options.kvCache == defaults.kvCache);
  }

  llvm::Expected<Captured> readOnnx(const std::string &file, PassContext &context) const {
    onnx::ReadOptions readOptions;
    readOptions.maxFileSize = options.maxFileSize ? options.maxFileSize->bytes : 0;
    llvm::Expected<onnx::ReadResult> model = onnx::readModel(file, readOptions);
    if (!model)
      return model.takeError();
    for (const std::string &warning : model->warnings)
      context.warning(warning);
    model->component->name = componentName(file);
    if (llvm::Error error = model->component->graph.sortTopologically())
      return llvm::createStringError(std::errc::invalid_argument, "'%s': %s", file.c_str(),
                                     llvm::toString(std::move(error)).c_str());
    return Captured{std::move(model->component), file, std::move(model->dataFiles), nullptr};
  }

  llvm::Expected<Captured> readCheckpoint(const std::string &path, PassContext &context) const {
    llvm::Expected<CheckpointModel> model = openCheckpointModel(path, options);
    if (!model)
      return model.takeError();
    for (const std::string &warning : model->checkpoint.warnings)
      context.warning(warning);
    llvm::Expected<std::unique_ptr<ir::Component>> component = buildGraph(*model, options);
    if (!component)
      return component.takeError();
    Captured captured{std::move(*component), model->mainFile, {}, nullptr};
    // Only some exports need it, and generation_config.json may be odd where the model is not.
    if (llvm::Expected<LanguageModel> described =
            describeLanguageModel(*model, *captured.component))
      captured.languageModel = std::make_unique<LanguageModel>(std::move(*described));
    else
      context.warning(llvm::toString(described.takeError()));
    for (const std::string &file : model->checkpoint.files)
      if (!llvm::sys::fs::equivalent(file, captured.mainFile))
        captured.dataFiles.push_back(file);
    return captured;
  }

  /// Types and modules, side by side: the one step sets the types of values, the other the module
  /// paths of nodes, and neither looks at what the other sets.
  static llvm::Error analyze(ir::Component &component, PassContext &context) {
    enum Step { Types, Modules, Steps };
    std::string inferenceProblem;
    std::vector<std::string> corrections;
    std::optional<Dataflow> flow;
    ModuleHierarchy hierarchy;
    llvm::Error error = context.parallelFor(Steps, [&](size_t step) -> llvm::Error {
      if (step == Types) {
        // Not fatal: a cut, say, needs few of the types, and says which.
        if (llvm::Error problem = onnx::inferShapes(component, &corrections))
          inferenceProblem = llvm::toString(std::move(problem));
        return llvm::Error::success();
      }
      llvm::Expected<Dataflow> built = Dataflow::build(component.graph);
      if (!built)
        return built.takeError();
      flow.emplace(std::move(*built));
      hierarchy = recoverModuleHierarchy(component, *flow);
      return llvm::Error::success();
    });
    if (error)
      return error;
    if (!inferenceProblem.empty())
      context.warning("shape inference failed: " + inferenceProblem);
    for (const std::string &correction : corrections)
      context.warning(correction);
    if (llvm::Error interrupted = context.checkInterrupted())
      return interrupted;
    report(component, *flow, hierarchy, context);
    return llvm::Error::success();
  }

  static void report(const ir::Component &component, const Dataflow &flow,
                     const ModuleHierarchy &hierarchy, PassContext &context) {
    const int64_t nodes = flow.size();
    context.remark(llvm::Twine(nodes) + (nodes == 1 ? " node, " : " nodes, ") +
                   formatByteSize(ir::weightBytes(component)) + " of weights");
    context.statistic("nodes", nodes);
    context.statistic("nodes-with-own-module", static_cast<int64_t>(hierarchy.namedNodes));
    context.statistic("nodes-with-inherited-module",
                      static_cast<int64_t>(hierarchy.inheritedNodes));
    context.statistic("nodes-without-module", static_cast<int64_t>(hierarchy.unnamedNodes));
    llvm::Expected<RepeatedBlock> block = findRepeatedBlock(component, flow);
    if (!block) { // no reason to fail: only who divides layers needs them
      context.remark(llvm::toString(block.takeError()));
      return;
    }
    context.remark(llvm::Twine(block->layers.size()) +
                   (block->layers.size() == 1 ? " layer in " : " layers in ") +
                   (block->path.empty() ? "the model" : block->path) + ", found by " +
                   describe(hierarchy.evidence));
  }

  Options options;
};

} // namespace
} // namespace optrun

OPTRUN_PLUGIN("capture", OPTRUN_VERSION, optrun::Capture);

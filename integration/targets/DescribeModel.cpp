// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A plugin for tests: says of a model, however it was captured, that it was made from a
/// checkpoint.

#include "CheckpointModel.h"

#include "optrun/Plugin/Plugin.h"

using namespace optrun;

namespace {

struct DescribeModelOptions {
  FilePath checkpoint;
  bool replaceWeight = false;

  static void bind(OptionBinder<DescribeModelOptions> &bind) {
    using O = DescribeModelOptions;
    bind.option("checkpoint", &O::checkpoint, "A Hugging Face folder or a GGUF file.").required();
    bind.option("replace-weight", &O::replaceWeight,
                "Replaces a weight of the graph afterwards, as a pass that quantizes does.");
  }
};

llvm::Error replaceFirstWeight(ir::Graph &graph) {
  for (ir::Value *value : graph.initializers()) {
    const ir::TensorRef &old = value->tensor();
    if (!old || old->byteSize() < 4096)
      continue;
    llvm::Expected<ir::TensorRef> zeros =
        ir::Tensor::create(old->name().str(), old->dataType(), ir::Tensor::Dims(old->dims()),
                           ir::makeInlineSource(std::vector<uint8_t>(old->byteSize())));
    if (!zeros)
      return zeros.takeError();
    graph.setInitializer(*value, std::move(*zeros));
    return llvm::Error::success();
  }
  return llvm::createStringError("no weight is large enough");
}

class DescribeModel final : public PackagePass {
public:
  using Options = DescribeModelOptions;

  static PassInfo info() {
    return {.id = "describe-model",
            .summary = "Attaches the description of a checkpoint.",
            .mayWrite = {LanguageModel::Id.str()}};
  }
  explicit DescribeModel(Options options) : options(std::move(options)) {}

  llvm::Error run(ir::Package &package, PassContext &) override {
    llvm::Expected<CheckpointModel> opened = openCheckpointModel(options.checkpoint.path, {});
    if (!opened)
      return opened.takeError();
    llvm::Expected<LanguageModel> model =
        describeLanguageModel(*opened, *package.components.front());
    if (!model)
      return model.takeError();
    package.attachments.set(std::make_unique<LanguageModel>(std::move(*model)));
    return options.replaceWeight ? replaceFirstWeight(package.components.front()->graph)
                                 : llvm::Error::success();
  }

private:
  Options options;
};

} // namespace

OPTRUN_PLUGIN("describe-model", "1", DescribeModel);

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ModelProto to ir::Component. The file is mapped; a walk over its wire format reads graphs,
/// functions and tensors by hand and gives protobuf one small message at a time, so that memory
/// holds the IR and one message, and files over 2 GB work.

#include "optrun/Onnx/OnnxReader.h"

#include "FunctionCalls.h"
#include "FunctionReader.h"
#include "GraphReader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

#include <sys/mman.h>

namespace optrun::onnx {

namespace {

/// The parts of a model that are not given to protobuf as a part of ModelProto.
struct ModelParts {
  std::optional<Bytes> graph;
  std::vector<Bytes> functions, trainingInfo, configurations;
};

llvm::Error locate(ReadContext &context, ModelParts &parts, Splice &shell) {
  WireReader reader(context.image);
  WireField field;
  while (reader.next(field)) {
    switch (field.number) {
    case proto::ModelProto::kGraphFieldNumber:
      // Protobuf would merge the two; no exporter means that.
      if (parts.graph)
        return context.errorAt(field.whole, "the model holds a second graph");
      parts.graph = field.content;
      break;
    case proto::ModelProto::kFunctionsFieldNumber:
      parts.functions.push_back(field.content);
      break;
    case proto::ModelProto::kTrainingInfoFieldNumber:
      parts.trainingInfo.push_back(field.content);
      break;
    case proto::ModelProto::kConfigurationFieldNumber:
      parts.configurations.push_back(field.content);
      break;
    default:
      shell.keep(field.whole);
      continue;
    }
    if (auto error = context.expectDelimited(field, "the model"))
      return error;
  }
  return context.problemOf(reader, "the model");
}

/// Whether \p image is a recipe or a README given by mistake; asked only when reading failed.
bool isText(Bytes image) {
  return image.size() >= 16 && llvm::none_of(image.take_front(512), [](uint8_t byte) {
           return byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t');
         });
}

/// Nothing is known about operators of a version that does not exist. Other domains than ONNX's
/// number as they like.
llvm::Error checkOpsets(const ReadContext &context, llvm::ArrayRef<ir::OpsetImport> opsets,
                        const llvm::Twine &importer) {
  for (const ir::OpsetImport &opset : opsets)
    if ((opset.domain.empty() || opset.domain == "ai.onnx") && opset.version < 1)
      return context.error(importer + " imports version " + llvm::Twine(opset.version) +
                           " of ONNX's operators, and versions begin with 1: export it again");
  return llvm::Error::success();
}

bool hasInitializerBesideInputs(const ir::Graph &graph) {
  bool found =
      llvm::any_of(graph.initializers(), [](const ir::Value *value) { return !value->isInput(); });
  for (const ir::Node &node : graph.nodes())
    node.forEachSubgraph(
        [&](ir::Graph &nested) { found = found || hasInitializerBesideInputs(nested); });
  return found;
}

/// Up to version 3 every initializer has to be an input too. Runtimes take models that break this
/// rule; ONNX's checker does not, and then the version that allows it is what is meant.
void raiseIrVersion(ReadContext &context, ir::Component &component) {
  if (component.irVersion > 3 || !hasInitializerBesideInputs(component.graph))
    return;
  context.warn("the model has IR version " + llvm::Twine(component.irVersion) +
               ", in which initializers have to be inputs too, and some are not; it is taken for "
               "one of IR version 4");
  component.irVersion = 4;
}

void copyHeader(ReadContext &context, const proto::ModelProto &header, ir::Component &component) {
  component.irVersion = header.ir_version();
  component.opsets = readOpsets(context, header.opset_import());
  component.producerName = header.producer_name();
  component.producerVersion = header.producer_version();
  component.domain = header.domain();
  component.docString = header.doc_string();
  component.modelVersion = header.model_version();
  component.metadata = readMetadata(context, header.metadata_props());
}

llvm::Expected<std::unique_ptr<ir::Component>> readImage(ReadContext &context) {
  if (context.image.empty())
    return context.error("the file is empty");
  if (asText(context.image).starts_with("version https://git-lfs"))
    return context.error(
        "this is a Git LFS pointer, not the model: run `git lfs pull` in its folder");
  ModelParts parts;
  Splice shell;
  if (auto error = locate(context, parts, shell)) {
    if (!isText(context.image))
      return error;
    llvm::consumeError(std::move(error));
    return context.error("this is a text file, no ONNX model");
  }
  proto::ModelProto header;
  if (auto error = context.parse(header, shell.bytes(), "the model's header"))
    return error;
  context.warnUnknownFields(header);
  if (!parts.graph)
    return context.error("no ONNX model: it holds no graph");
  if (header.ir_version() < 1)
    return context.error("no ONNX model: it has no IR version");
  if (header.ir_version() > NewestIrVersion)
    return context.error("the model has IR version " + llvm::Twine(header.ir_version()) +
                         "; this build reads versions up to " + llvm::Twine(NewestIrVersion) +
                         ": export it with an older opset");

  auto component = std::make_unique<ir::Component>();
  copyHeader(context, header, *component);
  if (auto error = checkOpsets(context, component->opsets, "the model"))
    return error;
  for (Bytes bytes : parts.trainingInfo)
    component->trainingInfo.push_back(asText(bytes).str());
  for (Bytes bytes : parts.configurations)
    component->deviceConfigurations.push_back(asText(bytes).str());
  if (auto error = GraphReader(context, component->graph, nullptr).read(*parts.graph))
    return error;
  for (Bytes bytes : parts.functions) {
    auto function = readFunction(context, bytes);
    if (!function)
      return function.takeError();
    auto error =
        checkOpsets(context, (*function)->opsets,
                    "the function '" + (*function)->domain + ":" + (*function)->name + "'");
    if (error)
      return error;
    component->functions.push_back(std::move(*function));
  }
  raiseIrVersion(context, *component);
  if (auto error = checkFunctionCalls(*component))
    return context.error(llvm::toString(std::move(error)));
  return component;
}

} // namespace

llvm::Expected<ReadResult> readModel(llvm::StringRef path, const ReadOptions &options) {
  auto file = FileHandle::open(path);
  if (!file)
    return file.takeError();
  uint64_t size = (*file)->size();
  if (options.maxFileSize != 0 && size > options.maxFileSize)
    return makeError(path + ": the file has " + llvm::Twine(size) +
                     " bytes, more than the limit of " + llvm::Twine(options.maxFileSize));
  void *mapping = nullptr;
  if (size != 0) {
    mapping = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, (*file)->descriptor(), 0);
    if (mapping == MAP_FAILED)
      return llvm::createStringError(std::error_code(errno, std::generic_category()),
                                     path + ": cannot map the file into memory");
  }
  auto unmap = llvm::make_scope_exit([&] {
    if (mapping)
      munmap(mapping, size);
  });

  ExternalData external(path);
  ReadContext context(path.str(), Bytes(static_cast<const uint8_t *>(mapping), size), *file,
                      &external, options);
  auto component = readImage(context);
  if (!component)
    return component.takeError();
  if (auto error = external.checkOverlaps())
    return context.error(llvm::toString(std::move(error)));
  return ReadResult{std::move(*component), external.files(), std::move(context.warnings)};
}

llvm::Expected<std::unique_ptr<ir::Component>> readModelFromMemory(llvm::ArrayRef<uint8_t> bytes) {
  ReadContext context("model in memory", bytes, nullptr, nullptr, {});
  return readImage(context);
}

} // namespace optrun::onnx

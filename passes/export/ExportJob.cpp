// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The steps of an export.

#include "ExportJob.h"

#include "EarlierResult.h"
#include "InputRecord.h"
#include "PayloadWriter.h"

#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Support/ByteSize.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

constexpr StringLiteral SplitAssignments = "split_assignments";

void setMetadata(ir::Metadata &metadata, StringRef key, const std::string &value) {
  for (auto &[name, text] : metadata)
    if (name == key) {
      text = value;
      return;
    }
  metadata.emplace_back(key.str(), value);
}

/// Whether every component fits into one .onnx file with its weights; the first that does not.
Expected<const ir::Component *> findTooLargeInline(const ir::Package &package) {
  // Below this, no graph around the weights reaches protobuf's limit of 2 GiB.
  constexpr uint64_t SurelySmall = uint64_t(1) << 30;
  const onnx::WriteOptions options;
  for (const std::unique_ptr<ir::Component> &component : package.components) {
    if (ir::weightBytes(*component) <= SurelySmall)
      continue;
    Expected<uint64_t> size = onnx::serializedSize(*component, options);
    if (!size)
      return size.takeError();
    if (*size > options.maxFileSize)
      return component.get();
  }
  return nullptr;
}

class Job {
public:
  Job(const ExportOptions &options, ir::Package &package, PassContext &context)
      : options(options), package(package), context(context),
        names(onnxFileNames(package.components.size())) {}

  Expected<FinishedExport> run() {
    if (package.components.empty())
      return createStringError("there is no component to write");
    plan = package.attachments.get<SplitPlan>();
    if (plan)
      for (const std::unique_ptr<ir::Component> &component : package.components)
        setMetadata(component->metadata, SplitAssignments, plan->splitAssignments());
    if (Error error = checkComponents())
      return error;
    if (Error error = place())
      return error;
    if (Error error = stage())
      return error;
    if (Error error = write())
      return error;
    return record();
  }

private:
  std::string component(size_t index) const {
    return "component '" + package.components[index]->name + "'";
  }

  Error checkComponents() {
    return context.parallelFor(package.components.size(),
                               [&](size_t i) { return onnx::checkModel(*package.components[i]); });
  }

  Error place() {
    Components components = package.components;
    switch (options.externalData) {
    case ExternalData::Shared:
      placement = placeShared(components, sharedPlacement());
      return Error::success();
    case ExternalData::Single:
      placeInDataFiles();
      return Error::success();
    case ExternalData::Inline:
    case ExternalData::Auto:
      break;
    }
    Expected<const ir::Component *> tooLarge = findTooLargeInline(package);
    if (!tooLarge)
      return tooLarge.takeError();
    if (options.externalData == ExternalData::Inline && *tooLarge)
      return createStringError("component '" + (*tooLarge)->name +
                               "' exceeds the 2 GB that one .onnx file can hold: use "
                               "external-data: single, or more splits");
    bool cameInline = package.sources.size() <= 1;
    bool tied = any_of(components, [](const auto &each) { return hasTiedPayloads(*each); });
    const bool canBeInline = cameInline && !tied && !*tooLarge && !options.maxShardSize;
    if (options.externalData == ExternalData::Inline || canBeInline)
      placement = placeInline(components);
    else
      placeInDataFiles();
    return Error::success();
  }

  void placeInDataFiles() {
    constexpr uint64_t NoLimit = std::numeric_limits<uint64_t>::max();
    placement = placeSingle(package.components, names,
                            options.maxShardSize ? options.maxShardSize->bytes : NoLimit);
  }

  SharedPlacement sharedPlacement() const {
    SharedPlacement shared;
    shared.hardLinks = options.link == Link::Hard;
    if (!package.sources.empty())
      shared.modelFile = package.sources.front().path;
    SmallString<256> folder;
    if (options.link != Link::Copy && !sys::fs::real_path(options.output.path, folder))
      shared.folder = folder.str().str();
    return shared;
  }

  Error stage() {
    Expected<std::optional<std::vector<std::string>>> earlier =
        findEarlierResult(options.output.path);
    if (!earlier)
      return earlier.takeError();
    StagedFolder::Options staging;
    if (options.overwrite && *earlier)
      staging.replaces = std::move(**earlier);
    for (const std::string &name : staging.replaces)
      if (Error error = refuseToReplaceSource(name))
        return error;
    Expected<StagedFolder *> staged = context.stageFolder(options.output.path, std::move(staging));
    if (!staged)
      return staged.takeError();
    folder = *staged;

    // All names first: one that is taken must be known before anything is copied.
    for (const std::string &name : names)
      if (Error error = stageName(name, onnxPaths))
        return error;
    for (const DataFile &file : placement.files)
      if (Error error = file.kind == DataFile::Kind::Own ? keepPlace(dataPaths)
                                                         : stageName(file.name, dataPaths))
        return error;
    Expected<std::string> manifest = folder->stage(Manifest::FileName);
    if (!manifest)
      return manifest.takeError();
    manifestPath = std::move(*manifest);
    folder->finalFile(Manifest::FileName);
    return Error::success();
  }

  Error refuseToReplaceSource(const std::string &name) const {
    SmallString<256> path(options.output.path), real, realSource;
    sys::path::append(path, name);
    if (sys::fs::real_path(path, real))
      return Error::success(); // it is not there
    for (const ir::InputFile &source : package.sources)
      // By path, not by inode: another hard link to what is read may be replaced.
      if (!sys::fs::real_path(source.path, realSource) && real == realSource)
        return createStringError("'" + path + "' is the model that this run reads and would be " +
                                 "replaced by it: choose another output folder");
    return Error::success();
  }

  Error stageName(const std::string &name, std::vector<std::string> &paths) {
    Expected<std::string> path = folder->stage(name);
    if (!path)
      return createStringError(toString(path.takeError()) + ": choose another output folder");
    paths.push_back(std::move(*path));
    return Error::success();
  }

  static Error keepPlace(std::vector<std::string> &paths) {
    paths.emplace_back();
    return Error::success();
  }

  uint64_t bytesToWrite() const {
    uint64_t bytes = 0;
    for (const std::unique_ptr<ir::Component> &each : package.components)
      bytes += ir::weightBytes(*each);
    for (const DataFile &file : placement.files)
      if (file.kind == DataFile::Kind::Copied)
        return file.source->size();
    return bytes;
  }

  Error write() {
    std::unique_ptr<Progress> progress =
        context.progress("writing", bytesToWrite(), Progress::Unit::Bytes);
    auto advance = [&](uint64_t bytes) -> Error {
      progress->advance(bytes);
      return context.checkInterrupted();
    };
    size_t dataFiles = placement.files.size(), components = names.size();
    inputs.resize(package.sources.size());
    readablePaths = onnxPaths;
    realisedBytes.resize(components);
    Error error = context.parallelFor(dataFiles, [&](size_t i) {
      return writeDataFile(placement.files[i], dataPaths[i], advance);
    });
    if (error)
      return error;
    return context.parallelFor(components + inputs.size(), [&](size_t i) -> Error {
      if (i >= components)
        return hashInput(i - components);
      if (Error failed =
              writeOnnxFile(*package.components[i], placement.components[i], onnxPaths[i], advance))
        return failed;
      if (Error failed = makeReadable(i))
        return failed;
      return measure(i);
    });
  }

  Error hashInput(size_t index) {
    StringRef mainFolder = sys::path::parent_path(package.sources.front().path);
    Expected<Manifest::Input> input =
        recordInput(package.sources[index], mainFolder, options.hashInputs,
                    [&] { return context.checkInterrupted(); });
    if (!input)
      return input.takeError();
    inputs[index] = std::move(*input);
    return Error::success();
  }

  /// A component refers to its data files by name, and in a folder that has other files they have
  /// their names only after the run: until then a second .onnx file uses the temporary ones.
  Error makeReadable(size_t index) {
    ComponentPlacement staged = placement.components[index];
    bool differs = false;
    for (auto &[tensor, place] : staged.external)
      if (!isOwnFile(place.location) && folder->stagedName(place.location) != place.location) {
        place.location = folder->stagedName(place.location);
        differs = true;
      }
    if (!differs)
      return Error::success();
    Expected<std::string> path = folder->scratch(names[index]);
    if (!path)
      return path.takeError();
    readablePaths[index] = std::move(*path);
    return writeOnnxFile(*package.components[index], staged, readablePaths[index],
                         [](uint64_t) { return Error::success(); });
  }

  bool isOwnFile(StringRef location) const {
    return any_of(placement.files, [&](const DataFile &file) {
      return file.kind == DataFile::Kind::Own && file.name == location;
    });
  }

  /// Reads the written component back: what it holds is a fact, not what we meant to write.
  Error measure(size_t index) {
    Expected<onnx::ReadResult> written = onnx::readModel(readablePaths[index]);
    if (!written)
      return createStringError(component(index) +
                               " cannot be read back: " + toString(written.takeError()));
    realisedBytes[index] = ir::weightBytes(*written->component);
    const uint64_t expected = storedBytes(index);
    if (expected != realisedBytes[index])
      return createStringError("internal error: " + component(index) + " has " + Twine(expected) +
                               " bytes of weights, and its files have " +
                               Twine(realisedBytes[index]));
    return checkBudget(index);
  }

  /// Tied weights are stored once in a data file, and each for itself inside an .onnx file.
  uint64_t storedBytes(size_t index) const {
    uint64_t bytes = 0;
    ir::PayloadIndex payloads;
    ir::forEachTensor(*package.components[index], [&](const ir::TensorRef &tensor) {
      if (!placement.components[index].external.contains(tensor.get()) ||
          payloads.add(*tensor).second)
        bytes += tensor->byteSize();
    });
    return bytes;
  }

  /// What a split planned was checked when it cut; ties inside .onnx files, and passes that change
  /// weights, may have made it more since.
  Error checkBudget(size_t index) const {
    const SplitPlan::Part *part = plannedPart(index);
    if (!part || !part->budgetBytes || realisedBytes[index] <= *part->budgetBytes)
      return Error::success();
    const bool isTied = realisedBytes[index] > ir::weightBytes(*package.components[index]);
    return createStringError(component(index) + " has " + Twine(realisedBytes[index]) +
                             " bytes of weights, over its budget of " + Twine(*part->budgetBytes) +
                             (isTied ? "; tied weights are stored twice inside .onnx files: use "
                                       "external-data: single"
                                     : "; a pass after the split has made them larger"));
  }

  const SplitPlan::Part *plannedPart(size_t index) const {
    if (plan)
      for (const SplitPlan::Part &part : plan->parts)
        if (part.component == package.components[index]->name)
          return &part;
    return nullptr;
  }

  std::optional<uint64_t> plannedBytes(size_t index) const {
    const SplitPlan::Part *part = plannedPart(index);
    return part ? std::optional(part->plannedBytes) : std::nullopt;
  }

  Expected<FinishedExport> record() {
    FinishedExport result;
    result.manifestPath = manifestPath;
    result.manifest.inputs = std::move(inputs);
    result.model = std::make_unique<ExportedModel>();
    result.model->folder = options.output.path;

    std::vector<uint64_t> dataBytes(placement.files.size());
    for (size_t i = 0; i != placement.files.size(); ++i) {
      if (placement.files[i].kind == DataFile::Kind::Own)
        continue;
      if (Error error = addFile(placement.files[i].name, dataPaths[i], result, dataBytes[i]))
        return error;
      if (options.externalData == ExternalData::Shared)
        result.model->shared.push_back({placement.files[i].name, dataBytes[i]});
    }
    for (size_t i = 0; i != names.size(); ++i) {
      ExportedModel::ComponentFile file = describe(i);
      if (Error error = addFile(file.file, onnxPaths[i], result, file.fileBytes))
        return error;
      if (options.externalData != ExternalData::Shared)
        for (size_t data : placement.components[i].files)
          file.fileBytes += dataBytes[data];
      result.manifest.components.push_back(manifestEntry(i, file));
      result.model->components.push_back(std::move(file));
    }
    return result;
  }

  Manifest::Component manifestEntry(size_t index, const ExportedModel::ComponentFile &file) const {
    Manifest::Component entry = {.name = file.name,
                                 .file = file.file,
                                 .data = file.data,
                                 .weightBytes = file.weightBytes,
                                 .plannedBytes = file.plannedBytes,
                                 .inputs = file.inputs,
                                 .outputs = file.outputs};
    if (const SplitPlan::Part *part = plannedPart(index)) {
      entry.budgetBytes = part->budgetBytes;
      if (!part->device.empty())
        entry.device = part->device;
    }
    return entry;
  }

  ExportedModel::ComponentFile describe(size_t index) const {
    const ir::Component &source = *package.components[index];
    ExportedModel::ComponentFile file;
    file.name = source.name;
    file.file = names[index];
    file.stagedPath = readablePaths[index];
    for (size_t data : placement.components[index].files)
      file.data.push_back(placement.files[data].name);
    file.weightBytes = realisedBytes[index];
    file.plannedBytes = plannedBytes(index);
    for (const ir::Value *input : source.graph.inputs())
      if (!input->isInitializer())
        file.inputs.push_back(input->name().str());
    for (const ir::Value *output : source.graph.outputs())
      file.outputs.push_back(output->name().str());
    return file;
  }

  static Error addFile(const std::string &name, const std::string &path, FinishedExport &result,
                       uint64_t &bytes) {
    if (std::error_code code = sys::fs::file_size(path, bytes))
      return createStringError("cannot examine '" + path + "': " + code.message());
    result.manifest.files.push_back({name, bytes});
    return Error::success();
  }

  const ExportOptions &options;
  ir::Package &package;
  PassContext &context;
  const std::vector<std::string> names; // of the .onnx files
  const SplitPlan *plan = nullptr;
  PlacementPlan placement;
  StagedFolder *folder = nullptr;
  std::vector<std::string> onnxPaths, dataPaths, readablePaths;
  std::string manifestPath;
  std::vector<Manifest::Input> inputs;
  std::vector<uint64_t> realisedBytes;
};

} // namespace

std::vector<std::string> onnxFileNames(size_t components) {
  if (components == 1)
    return {"model.onnx"};
  std::vector<std::string> names;
  for (size_t i = 0; i != components; ++i)
    names.push_back(("split_" + Twine(i) + ".onnx").str());
  return names;
}

Expected<FinishedExport> exportPackage(const ExportOptions &options, ir::Package &package,
                                       PassContext &context) {
  return Job(options, package, context).run();
}

} // namespace optrun::exporting

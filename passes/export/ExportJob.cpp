// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The steps of an export.

#include "ExportJob.h"

#include "ComponentRecord.h"
#include "EarlierResult.h"
#include "InputRecord.h"
#include "PayloadWriter.h"
#include "TargetFiles.h"
#include "WeightPlacement.h"
#include "WrittenWeights.h"

#include "optrun/Onnx/Checks.h"

#include "llvm/ADT/STLExtras.h"
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

class Job {
public:
  Job(const ExportOptions &options, ir::Package &package, PassContext &context)
      : options(options), package(package), context(context),
        names(onnxFileNames(options.writesOnnx() ? package.components.size() : 0)) {}

  Expected<FinishedExport> run() {
    if (package.components.empty())
      return createStringError("there is no component to write");
    plan = package.attachments.get<SplitPlan>();
    if (plan)
      for (const std::unique_ptr<ir::Component> &component : package.components)
        setMetadata(component->metadata, SplitAssignments, plan->splitAssignments());
    if (options.writesOnnx())
      if (Error error = prepareComponents())
        return error;
    Expected<TargetFiles> targetFiles = planTargets(options, package, names);
    if (!targetFiles)
      return targetFiles.takeError();
    targets = std::move(*targetFiles);
    if (Error error = stage())
      return error;
    if (Error error = write())
      return error;
    for (const std::string &warning : targets.warnings)
      context.warning(warning);
    return record();
  }

private:
  Error prepareComponents() {
    if (Error error = context.parallelFor(
            names.size(), [&](size_t i) { return onnx::checkModel(*package.components[i]); }))
      return error;
    Expected<PlacementPlan> placed = placeWeights(options, package, names);
    if (!placed)
      return placed.takeError();
    placement = std::move(*placed);
    return Error::success();
  }

  std::vector<ir::InputFile> filesRead() const {
    std::vector<ir::InputFile> files = package.sources;
    append_range(files, targets.read);
    return files;
  }

  Error stage() {
    Expected<std::optional<std::vector<std::string>>> earlier =
        findEarlierResult(options.output.path);
    if (!earlier)
      return earlier.takeError();
    StagedFolder::Options staging;
    if (options.overwrite && *earlier)
      staging.replaces = std::move(**earlier);
    if (Error error = refuseToReplaceSources(options.output.path, staging.replaces, filesRead()))
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
    for (const SideFile &file : targets.files)
      if (Error error = stageName(file.name, sidePaths))
        return error;
    Expected<std::string> manifest = folder->stage(Manifest::FileName);
    if (!manifest)
      return manifest.takeError();
    manifestPath = std::move(*manifest);
    folder->finalFile(Manifest::FileName);
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
    for (const SideFile &file : targets.files)
      bytes += file.bytes;
    for (const DataFile &file : placement.files)
      if (file.kind == DataFile::Kind::Copied)
        return bytes + file.source->size();
    for (size_t i = 0; i != names.size(); ++i)
      bytes += ir::weightBytes(*package.components[i]);
    return bytes;
  }

  Error write() {
    std::unique_ptr<Progress> progress =
        context.progress("writing", bytesToWrite(), Progress::Unit::Bytes);
    auto advance = [&](uint64_t bytes) -> Error {
      progress->advance(bytes);
      return context.checkInterrupted();
    };
    const size_t dataFiles = placement.files.size(), components = names.size();
    const std::vector<ir::InputFile> sources = filesRead();
    inputs.resize(sources.size());
    readablePaths = onnxPaths;
    realisedBytes.resize(components);
    if (Error error = context.parallelFor(dataFiles + targets.files.size(), [&](size_t i) {
          return i < dataFiles
                     ? writeDataFile(placement.files[i], dataPaths[i], advance)
                     : targets.files[i - dataFiles].write(sidePaths[i - dataFiles], advance);
        }))
      return error;
    return context.parallelFor(components + sources.size(), [&](size_t i) {
      return i < components ? writeComponent(i, advance) : hashInput(sources, i - components);
    });
  }

  Error writeComponent(size_t index, Advance advance) {
    const ir::Component &component = *package.components[index];
    if (Error error =
            writeOnnxFile(component, placement.components[index], onnxPaths[index], advance))
      return error;
    if (Error error = makeReadable(index))
      return error;
    Expected<uint64_t> bytes =
        measureWeights(component, placement.components[index], readablePaths[index]);
    if (!bytes)
      return bytes.takeError();
    realisedBytes[index] = *bytes;
    const SplitPlan::Part *part = plannedPart(index);
    return part ? checkBudget(component, *part, *bytes) : Error::success();
  }

  Error hashInput(ArrayRef<ir::InputFile> sources, size_t index) {
    StringRef mainFolder = sys::path::parent_path(sources.front().path);
    Expected<Manifest::Input> input = recordInput(sources[index], mainFolder, options.hashInputs,
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

  const SplitPlan::Part *plannedPart(size_t index) const {
    if (plan)
      for (const SplitPlan::Part &part : plan->parts)
        if (part.component == package.components[index]->name)
          return &part;
    return nullptr;
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
      result.manifest.components.push_back(manifestEntry(file, plannedPart(i)));
      result.model->components.push_back(std::move(file));
    }
    for (size_t i = 0; i != targets.files.size(); ++i) {
      uint64_t bytes = 0;
      if (Error error = addFile(targets.files[i].name, sidePaths[i], result, bytes))
        return error;
      if (targets.files[i].isCheckpoint)
        result.model->checkpoint.push_back({targets.files[i].name, bytes});
    }
    return result;
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
    if (const SplitPlan::Part *part = plannedPart(index))
      file.plannedBytes = part->plannedBytes;
    file.inputs = inputNames(source);
    file.outputs = outputNames(source);
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
  TargetFiles targets;
  std::vector<std::string> onnxPaths, dataPaths, sidePaths, readablePaths;
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

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The steps of an export.

#include "ExportJob.h"

#include "ComponentRecord.h"
#include "InputRecord.h"
#include "PayloadWriter.h"
#include "StagedResult.h"
#include "WrittenWeights.h"

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

/// Writes what was planned to where it is staged, and takes note of it.
class Job {
public:
  Job(const ExportOptions &options, const ir::Package &package, PassContext &context,
      ResultPlan plan, StagedResult staged)
      : options(options), package(package), context(context), plan(std::move(plan)),
        staged(std::move(staged)), components(this->plan.onnxNames.size()),
        inputs(this->plan.filesRead.size()) {}

  Expected<FinishedExport> run() {
    if (Error error = write())
      return error;
    for (const std::string &warning : plan.targets.warnings)
      context.warning(warning);
    return record();
  }

private:
  Error write() {
    std::unique_ptr<Progress> progress =
        context.progress("writing", bytesToWrite(plan, package), Progress::Unit::Bytes);
    auto advance = [&](uint64_t bytes) -> Error {
      progress->advance(bytes);
      return context.checkInterrupted();
    };
    const std::vector<DataFile> &data = plan.placement.files;
    const std::vector<SideFile> &side = plan.targets.files;
    if (Error error = context.parallelFor(data.size() + side.size(), [&](size_t i) {
          return i < data.size()
                     ? writeDataFile(data[i], staged.dataPaths[i], context.spool(), advance)
                     : side[i - data.size()].write(staged.sidePaths[i - data.size()], advance);
        }))
      return error;
    // What is written of components is read back, which takes their data.
    return context.parallelFor(components.size() + inputs.size(), [&](size_t i) {
      return i < components.size() ? writeComponent(i, advance)
                                   : describeInput(i - components.size());
    });
  }

  Error writeComponent(size_t index, Advance advance) {
    const ir::Component &component = *package.components[index];
    const ComponentPlacement &placement = plan.placement.components[index];
    const SplitPlan::Part *part = plannedPart(package, component);
    ExportedModel::ComponentFile &file = components[index];
    file = describeComponent(component, part);
    file.file = plan.onnxNames[index];
    for (size_t data : placement.files)
      file.data.push_back(plan.placement.files[data].name);
    if (Error error = writeOnnxFile(component, placement, staged.onnxPaths[index], advance))
      return error;
    if (Error error = makeReadable(staged, plan, component, index).moveInto(file.stagedPath))
      return error;
    if (Error error =
            measureWeights(component, placement, file.stagedPath).moveInto(file.weightBytes))
      return error;
    return part ? checkBudget(component, *part, file.weightBytes) : Error::success();
  }

  Error describeInput(size_t index) {
    const StringRef mainFolder = sys::path::parent_path(plan.filesRead.front().path);
    return recordInput(plan.filesRead[index], mainFolder, options.hashInputs,
                       [&] { return context.checkInterrupted(); })
        .moveInto(inputs[index]);
  }

  Expected<FinishedExport> record() {
    FinishedExport result;
    result.manifestPath = staged.manifestPath;
    result.manifest.inputs = std::move(inputs);
    result.model = std::make_unique<ExportedModel>();
    result.model->folder = options.output.path;
    if (Error error = recordData(result))
      return error;
    if (Error error = recordComponents(result))
      return error;
    if (Error error = recordSideFiles(result))
      return error;
    return result;
  }

  Error recordData(FinishedExport &result) {
    const std::vector<DataFile> &files = plan.placement.files;
    dataBytes.resize(files.size());
    for (size_t i = 0; i != files.size(); ++i) {
      if (files[i].kind == DataFile::Kind::Own)
        continue;
      if (Error error = addFile(files[i].name, staged.dataPaths[i], result, dataBytes[i]))
        return error;
      if (options.externalData == ExternalData::Shared)
        result.model->shared.push_back({files[i].name, dataBytes[i]});
    }
    return Error::success();
  }

  Error recordComponents(FinishedExport &result) {
    for (size_t i = 0; i != components.size(); ++i) {
      ExportedModel::ComponentFile &file = components[i];
      if (Error error = addFile(file.file, staged.onnxPaths[i], result, file.fileBytes))
        return error;
      if (options.externalData != ExternalData::Shared)
        for (size_t data : plan.placement.components[i].files)
          file.fileBytes += dataBytes[data];
      result.manifest.components.push_back(
          manifestEntry(file, plannedPart(package, *package.components[i])));
      result.model->components.push_back(std::move(file));
    }
    return Error::success();
  }

  Error recordSideFiles(FinishedExport &result) {
    const std::vector<SideFile> &files = plan.targets.files;
    for (size_t i = 0; i != files.size(); ++i) {
      uint64_t bytes = 0;
      if (Error error = addFile(files[i].name, staged.sidePaths[i], result, bytes))
        return error;
      if (files[i].isCheckpoint)
        result.model->checkpoint.push_back({files[i].name, bytes});
    }
    return Error::success();
  }

  static Error addFile(const std::string &name, const std::string &path, FinishedExport &result,
                       uint64_t &bytes) {
    if (std::error_code code = sys::fs::file_size(path, bytes))
      return createStringError("cannot examine '" + path + "': " + code.message());
    result.manifest.files.push_back({name, bytes});
    return Error::success();
  }

  const ExportOptions &options;
  const ir::Package &package;
  PassContext &context;
  const ResultPlan plan;
  const StagedResult staged;
  std::vector<ExportedModel::ComponentFile> components;
  std::vector<Manifest::Input> inputs;
  std::vector<uint64_t> dataBytes;
};

} // namespace

Expected<FinishedExport> exportPackage(const ExportOptions &options, ir::Package &package,
                                       PassContext &context) {
  if (package.components.empty())
    return createStringError("there is no component to write");
  if (const auto *split = package.attachments.get<SplitPlan>())
    for (const std::unique_ptr<ir::Component> &component : package.components)
      setMetadata(component->metadata, SplitAssignments, split->splitAssignments());
  Expected<ResultPlan> plan = planResult(options, package, context);
  if (!plan)
    return plan.takeError();
  Expected<StagedResult> staged = stageResult(options, *plan, context);
  if (!staged)
    return staged.takeError();
  return Job(options, package, context, std::move(*plan), std::move(*staged)).run();
}

} // namespace optrun::exporting

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Staging of names.

#include "StagedResult.h"

#include "EarlierResult.h"
#include "PayloadWriter.h"

#include "optrun/Results/Manifest.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

Expected<StagedFolder *> stageFolder(const ExportOptions &options, const ResultPlan &plan,
                                     PassContext &context) {
  Expected<std::optional<std::vector<std::string>>> earlier =
      findEarlierResult(options.output.path);
  if (!earlier)
    return earlier.takeError();
  StagedFolder::Options staging;
  if (options.overwrite && *earlier)
    staging.replaces = std::move(**earlier);
  if (Error error = refuseToReplaceSources(options.output.path, staging.replaces, plan.filesRead))
    return error;
  return context.stageFolder(options.output.path, std::move(staging));
}

Error stageName(StagedFolder &folder, StringRef name, std::vector<std::string> &paths) {
  Expected<std::string> path = folder.stage(name);
  if (!path)
    return createStringError(toString(path.takeError()) + ": choose another output folder");
  paths.push_back(std::move(*path));
  return Error::success();
}

bool isUsedInPlace(const PlacementPlan &placement, StringRef location) {
  return any_of(placement.files, [&](const DataFile &file) {
    return file.kind == DataFile::Kind::Own && file.name == location;
  });
}

} // namespace

Expected<StagedResult> stageResult(const ExportOptions &options, const ResultPlan &plan,
                                   PassContext &context) {
  StagedResult result;
  if (Error error = stageFolder(options, plan, context).moveInto(result.folder))
    return error;
  for (const std::string &name : plan.onnxNames)
    if (Error error = stageName(*result.folder, name, result.onnxPaths))
      return error;
  for (const DataFile &file : plan.placement.files)
    if (file.kind == DataFile::Kind::Own)
      result.dataPaths.emplace_back();
    else if (Error error = stageName(*result.folder, file.name, result.dataPaths))
      return error;
  for (const SideFile &file : plan.targets.files)
    if (Error error = stageName(*result.folder, file.name, result.sidePaths))
      return error;
  if (Error error = result.folder->stage(Manifest::FileName).moveInto(result.manifestPath))
    return error;
  result.folder->finalFile(Manifest::FileName);
  return result;
}

Expected<std::string> makeReadable(const StagedResult &staged, const ResultPlan &plan,
                                   const ir::Component &component, size_t index) {
  ComponentPlacement placement = plan.placement.components[index];
  bool differs = false;
  for (auto &[tensor, place] : placement.external) {
    std::string name = staged.folder->stagedName(place.location);
    if (name == place.location || isUsedInPlace(plan.placement, place.location))
      continue;
    place.location = std::move(name);
    differs = true;
  }
  if (!differs)
    return staged.onnxPaths[index];
  Expected<std::string> path = staged.folder->scratch(plan.onnxNames[index]);
  if (!path)
    return path.takeError();
  if (Error error =
          writeOnnxFile(component, placement, *path, [](uint64_t) { return Error::success(); }))
    return error;
  return path;
}

} // namespace optrun::exporting

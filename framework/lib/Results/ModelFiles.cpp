// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Resolves files and exported folders to the models in them.

#include "optrun/Results/ModelFiles.h"

#include "optrun/Results/Manifest.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun {
namespace {

/// The last part of a path that may end in a slash.
std::string nameOf(StringRef path) {
  return sys::path::filename(path.size() > 1 ? path.rtrim('/') : path).str();
}

std::string inFolder(StringRef folder, StringRef file) {
  SmallString<256> path(folder);
  sys::path::append(path, file);
  return path.str().str();
}

Error checkIsFile(StringRef path) {
  if (sys::fs::is_regular_file(path))
    return Error::success();
  return createStringError("there is no file '" + path + "'");
}

} // namespace

Expected<ModelFiles> findModelFiles(StringRef path) {
  ModelFiles files;
  files.name = nameOf(path);
  if (!sys::fs::is_directory(path)) {
    if (Error error = checkIsFile(path))
      return error;
    files.links.push_back({sys::path::stem(path).str(), path.str()});
    return files;
  }
  Expected<std::optional<Manifest>> manifest = readManifest(path);
  if (!manifest)
    return manifest.takeError();
  if (!*manifest)
    return createStringError("there is no " + Manifest::FileName + " in '" + path +
                             "': name an ONNX file, or a folder that export wrote");
  for (const Manifest::Component &component : (*manifest)->components) {
    files.links.push_back({component.name, inFolder(path, component.file)});
    if (Error error = checkIsFile(files.links.back().path))
      return error;
  }
  if (files.links.empty())
    return createStringError("the manifest in '" + path +
                             "' names no component: export with onnx among its targets");
  return files;
}

Expected<ModelFiles> modelFilesOf(const ExportedModel &model) {
  if (model.components.empty())
    return createStringError("there are no ONNX files to run: add onnx to the targets of export");
  ModelFiles files;
  files.name = nameOf(model.folder);
  for (const ExportedModel::ComponentFile &component : model.components)
    files.links.push_back({component.name, component.stagedPath});
  return files;
}

} // namespace optrun

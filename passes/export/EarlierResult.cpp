// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads the manifest of an earlier run.

#include "EarlierResult.h"

#include "GenAiConfig.h"
#include "TargetFiles.h"

#include "optrun/Checkpoint/Checkpoint.h"
#include "optrun/Checkpoint/SafeTensorsWriter.h"
#include "optrun/Results/Manifest.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

bool isNumber(StringRef text) { return !text.empty() && all_of(text, isDigit); }

/// Takes "-00002-of-00005" from the end of \p name.
void dropShardNumber(StringRef &name) {
  constexpr size_t Digits = 5;
  StringRef rest = name;
  const auto dropNumber = [&](StringRef before) {
    const StringRef digits = rest.take_back(Digits);
    rest = rest.drop_back(std::min(Digits, rest.size()));
    return isNumber(digits) && rest.consume_back(before);
  };
  if (dropNumber("-of-") && dropNumber("-"))
    name = rest;
}

/// model.onnx, split_3.onnx, their .data (whole or in shards), model.data, model_1.data.
bool isOnnxResult(StringRef name) {
  const bool isData = name.consume_back(".data");
  if (isData)
    dropShardNumber(name);
  const bool isOnnx = name.consume_back(".onnx");
  if (!isOnnx && !isData)
    return false;
  if (isOnnx && name.consume_front("split_"))
    return isNumber(name);
  if (!isOnnx && name.consume_front("model_"))
    return isNumber(name);
  return name == "model";
}

/// model.safetensors, whole or in shards, its index, and what comes with a checkpoint.
bool isCheckpointResult(StringRef name) {
  if (is_contained({GenAiConfigName, ConfigName, GenerationConfigName, checkpoint::ShardIndexName},
                   name) ||
      is_contained(checkpoint::tokenizerFileNames(), name))
    return true;
  if (!name.consume_back(".safetensors"))
    return false;
  dropShardNumber(name);
  return name == "model";
}

} // namespace

Expected<std::optional<std::vector<std::string>>> findEarlierResult(StringRef folder) {
  Expected<std::optional<Manifest>> manifest = readManifest(folder);
  if (!manifest)
    return createStringError(toString(manifest.takeError()) +
                             "; it was not written by this version of OptRun: choose another "
                             "folder or remove the file");
  if (!*manifest)
    return std::nullopt;
  std::vector<std::string> files;
  for (const Manifest::File &file : (*manifest)->files)
    if (isOnnxResult(file.file) || isCheckpointResult(file.file))
      files.push_back(file.file);
  files.push_back(Manifest::FileName.str());
  return files;
}

Error refuseToReplaceSources(StringRef folder, ArrayRef<std::string> names,
                             ArrayRef<ir::InputFile> sources) {
  for (const std::string &name : names) {
    SmallString<256> path(folder), real, realSource;
    sys::path::append(path, name);
    if (sys::fs::real_path(path, real))
      continue; // it is not there
    for (const ir::InputFile &source : sources)
      // By path, not by inode: another hard link to what is read may be replaced.
      if (!sys::fs::real_path(source.path, realSource) && real == realSource)
        return createStringError("'" + path + "' is read by this run and would be replaced or " +
                                 "removed by it: choose another output folder");
  }
  return Error::success();
}

} // namespace optrun::exporting

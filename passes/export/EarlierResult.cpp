// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads the manifest of an earlier run.

#include "EarlierResult.h"

#include "optrun/Results/Manifest.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

bool isNumber(StringRef text) { return !text.empty() && all_of(text, isDigit); }

/// model.onnx, split_3.onnx, their .data, model.data, model_1.data.
bool isOurName(StringRef name) {
  bool isOnnx = false;
  if (name.consume_back(".onnx.data") || name.consume_back(".onnx"))
    isOnnx = true;
  else if (!name.consume_back(".data"))
    return false;
  if (isOnnx && name.consume_front("split_"))
    return isNumber(name);
  if (!isOnnx && name.consume_front("model_"))
    return isNumber(name);
  return name == "model";
}

} // namespace

Expected<std::optional<std::vector<std::string>>> findEarlierResult(StringRef folder) {
  SmallString<256> path(folder);
  sys::path::append(path, Manifest::FileName);
  if (!sys::fs::exists(path))
    return std::nullopt;
  ErrorOr<std::unique_ptr<MemoryBuffer>> text = MemoryBuffer::getFile(path, /*IsText=*/false);
  if (!text)
    return createStringError("cannot read '" + path + "': " + text.getError().message());
  Expected<Manifest> manifest = parseManifest((*text)->getBuffer());
  if (!manifest)
    return createStringError("'" + path + "' was not written by this version of OptRun (" +
                             toString(manifest.takeError()) +
                             "): choose another folder or remove the file");
  std::vector<std::string> files;
  for (const Manifest::File &file : manifest->files)
    if (isOurName(file.file))
      files.push_back(file.file);
  files.push_back(Manifest::FileName.str());
  return files;
}

} // namespace optrun::exporting

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Size, hash and time of files that were read.

#include "InputRecord.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

#include <algorithm>
#include <ctime>

using namespace llvm;

namespace optrun::exporting {
namespace {

Expected<std::string> hashFile(const FileHandle &file, function_ref<Error()> checkStop) {
  constexpr uint64_t BlockBytes = 1 << 20;
  SHA256 hash;
  std::vector<uint8_t> block(std::min(BlockBytes, file.size()));
  for (uint64_t offset = 0; offset < file.size(); offset += block.size()) {
    block.resize(std::min(BlockBytes, file.size() - offset));
    if (Error error = checkStop())
      return error;
    if (Error error = file.read(offset, block))
      return error;
    hash.update(block);
  }
  return toHex(hash.final(), /*LowerCase=*/true);
}

std::string formatTime(sys::TimePoint<> time) {
  std::time_t seconds = sys::toTimeT(time);
  std::tm parts;
  char text[32];
  ::gmtime_r(&seconds, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string shownName(StringRef path, StringRef mainFolder) {
  StringRef inside = path;
  if (!mainFolder.empty() && inside.consume_front(mainFolder) && inside.consume_front("/"))
    return inside.str();
  return sys::path::filename(path).str();
}

} // namespace

Expected<Manifest::Input> recordInput(const ir::InputFile &file, StringRef mainFolder,
                                      HashInputs hash, function_ref<Error()> checkStop) {
  Expected<std::shared_ptr<const FileHandle>> handle = FileHandle::open(file.path);
  if (!handle)
    return handle.takeError();
  Manifest::Input input;
  input.file = shownName(file.path, mainFolder);
  input.bytes = (*handle)->size();
  if (hash == HashInputs::Always ||
      (hash == HashInputs::Auto && input.bytes <= LargestHashedByDefault)) {
    Expected<std::string> digest = hashFile(**handle, checkStop);
    if (!digest)
      return digest.takeError();
    input.sha256 = std::move(*digest);
    return input;
  }
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(file.path, status))
    return createStringError("cannot examine '" + file.path + "': " + code.message());
  input.modified = formatTime(status.getLastModificationTime());
  return input;
}

} // namespace optrun::exporting

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Any bytes give a checkpoint or an error. What a checkpoint has can be read, and its
/// configuration is JSON.

#include "ScratchFile.h"

#include "optrun/Checkpoint/Checkpoint.h"

#include "llvm/Support/JSON.h"

using namespace optrun;
using namespace optrun::checkpoint;

namespace {

void readArrays(const GgufFile &file) {
  for (const auto &[key, value] : file.metadata()) {
    const auto *array = std::get_if<GgufArray>(&value);
    if (!array)
      continue;
    size_t count = array->elementType == GgufValueType::String
                       ? llvm::cantFail(file.strings(*array)).size()
                       : llvm::cantFail(file.numbers(*array)).size();
    if (count != array->count)
      abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz::ScratchFile scratch(".gguf");
  const std::string &path = scratch.with(data, size);
  if (auto file = GgufFile::open(path))
    readArrays(*file);
  else
    llvm::consumeError(file.takeError());
  auto checkpoint = openCheckpoint(path);
  if (!checkpoint) {
    llvm::consumeError(checkpoint.takeError());
    return 0;
  }
  for (const ir::TensorRef &tensor : checkpoint->tensors()) {
    if (llvm::cantFail(tensor->readAll()).size() != tensor->byteSize())
      abort();
    if (const QuantizedBlocks *quantized = checkpoint->quantizedBlocks(tensor->name()))
      if (tensor->byteSize() / 2 * ggmlLayout(quantized->type).blockBytes !=
          quantized->blocks->byteSize() * ggmlLayout(quantized->type).blockElements)
        abort();
  }
  llvm::cantFail(llvm::json::parse(checkpoint->configJson));
  return 0;
}

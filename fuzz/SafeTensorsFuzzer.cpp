// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Any bytes give tensors or an error. Tensors fill the file behind the header, without gaps.

#include "ScratchFile.h"

#include "optrun/Checkpoint/SafeTensors.h"

using namespace optrun;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz::ScratchFile scratch(".safetensors");
  auto file = checkpoint::SafeTensorsFile::open(scratch.with(data, size));
  if (!file) {
    llvm::consumeError(file.takeError());
    return 0;
  }
  uint64_t end = 0;
  for (const ir::TensorRef &tensor : file->tensors()) {
    ir::FileRange range = *tensor->source()->fileRange();
    if ((end != 0 && range.offset != end) || file->find(tensor->name()) != tensor ||
        llvm::cantFail(tensor->readAll()).size() != range.length)
      abort();
    end = range.offset + range.length;
  }
  if (!file->tensors().empty() && end != size)
    abort();
  return 0;
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Any text is a manifest or an error. What is read can be printed, as JSON.

#include "optrun/Results/Manifest.h"

#include <nlohmann/json.hpp>

using namespace optrun;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::Expected<Manifest> manifest = parseManifest({reinterpret_cast<const char *>(data), size});
  if (!manifest)
    llvm::consumeError(manifest.takeError());
  else if (!nlohmann::json::accept(printManifest(*manifest)))
    abort();
  return 0;
}

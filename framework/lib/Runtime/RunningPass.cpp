// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds out whether models can be run, and has their weights where they can.

#include "optrun/Runtime/RunningPass.h"

#include "optrun/Runtime/OnnxRuntime.h"

using namespace llvm;

namespace optrun::runtime {

void checkUsable(CheckContext &context, StringRef pass) {
  if (Expected<std::string> found = version(); !found)
    context.error("", "models cannot be run: " + toString(found.takeError()) + "; or take " + pass +
                          " out of the recipe");
}

Expected<PlacedWeights> placeWeights(const ir::Component &model, StringRef label,
                                     function_ref<Expected<std::string>()> scratchPath,
                                     PassContext &context) {
  if (std::optional<WeightFolder> found = findAllWeights(model))
    return PlacedWeights{std::move(*found), nullptr};
  Expected<std::string> path = scratchPath();
  if (!path)
    return path.takeError();
  auto remover = std::make_unique<FileRemover>(*path);
  std::unique_ptr<Progress> progress =
      context.progress(label, ir::weightBytes(model), Progress::Unit::Bytes);
  Expected<WeightFolder> written = writeWeights(model, *path, [&](uint64_t bytes) -> Error {
    progress->advance(bytes);
    return context.checkInterrupted();
  });
  if (!written)
    return written.takeError();
  return PlacedWeights{std::move(*written), std::move(remover)};
}

} // namespace optrun::runtime

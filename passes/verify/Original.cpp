// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes the original one that ONNX Runtime loads.

#include "Original.h"

#include "optrun/Onnx/OnnxReader.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::verify {
namespace {

using runtime::Session;
using runtime::WeightFolder;

constexpr StringLiteral ScratchName = "original.data";

Expected<WeightFolder> writeScratch(const ir::Component &model, StringRef path,
                                    PassContext &context) {
  std::unique_ptr<Progress> progress = context.progress(
      "writing the original's weights", ir::weightBytes(model), Progress::Unit::Bytes);
  return runtime::writeWeights(model, path, [&](uint64_t bytes) -> Error {
    progress->advance(bytes);
    return context.checkInterrupted();
  });
}

} // namespace

Expected<std::unique_ptr<Original>> Original::inFile(StringRef path) {
  Expected<onnx::ReadResult> read = onnx::readModel(path);
  if (!read)
    return read.takeError();
  auto original = std::make_unique<Original>();
  original->shownName = sys::path::filename(path).str();
  original->model = std::move(read->component);
  original->path = path.str();
  return original;
}

Expected<std::unique_ptr<Original>> Original::captured(const ir::Component &model, StringRef name,
                                                       StagedFolder &scratch,
                                                       PassContext &context) {
  auto original = std::make_unique<Original>();
  original->shownName = name.str();
  // A copy, which may be rounded; it shares the tensors.
  if (Error error = ir::cloneComponent(model).moveInto(original->model))
    return error;
  if (std::optional<WeightFolder> found = runtime::findAllWeights(model)) {
    original->weights = std::move(*found);
  } else {
    Expected<std::string> file = scratch.scratch(ScratchName);
    if (!file)
      return file.takeError();
    original->scratchFile.emplace(*file);
    if (Error error = writeScratch(model, *file, context).moveInto(original->weights))
      return error;
  }
  if (Error error = original->serialize().moveInto(original->asCaptured))
    return error;
  return original;
}

Error Original::roundAt(ArrayRef<HalfPrecisionCut> cuts, Chain chain) {
  if (!path.empty()) {
    SmallString<256> real;
    if (std::error_code code = sys::fs::real_path(path, real))
      return createStringError("cannot resolve '" + path + "': " + code.message());
    weights.folder = sys::path::parent_path(real).str();
    weights.places = runtime::findWeightPlaces(*model, weights.folder);
  }
  if (Error error = roundAtCuts(*model, chain, cuts))
    return error;
  return serialize().moveInto(rounded);
}

Expected<std::unique_ptr<Session>> Original::open(const runtime::SessionOptions &options) const {
  if (!rounded.empty() && !options.optimize)
    return Session::openFromMemory(rounded, weights.folder, options);
  if (!path.empty())
    return Session::open(path, options);
  return Session::openFromMemory(asCaptured, weights.folder, options);
}

Expected<std::vector<uint8_t>> Original::serialize() const {
  onnx::WriteOptions options;
  options.external = weights.places;
  return onnx::writeModelToMemory(*model, options);
}

} // namespace optrun::verify

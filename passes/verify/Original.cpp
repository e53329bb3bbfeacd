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

constexpr StringLiteral ScratchName = "original.data";

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
  if (Error error = runtime::placeWeights(
                        model, "writing the original's weights",
                        [&] { return scratch.scratch(ScratchName); }, context)
                        .moveInto(original->weights))
    return error;
  if (Error error = original->serialize().moveInto(original->asCaptured))
    return error;
  return original;
}

Error Original::roundAt(ArrayRef<HalfPrecisionCut> cuts, Chain chain) {
  if (!path.empty()) {
    SmallString<256> real;
    if (std::error_code code = sys::fs::real_path(path, real))
      return createStringError("cannot resolve '" + path + "': " + code.message());
    weights.files.folder = sys::path::parent_path(real).str();
    weights.files.places = runtime::findWeightPlaces(*model, weights.files.folder);
  }
  if (Error error = roundAtCuts(*model, chain, cuts))
    return error;
  return serialize().moveInto(rounded);
}

Expected<std::unique_ptr<Session>> Original::open(const runtime::SessionOptions &options) const {
  if (!rounded.empty() && !options.optimize)
    return Session::openFromMemory(rounded, weights.files.folder, options);
  if (!path.empty())
    return Session::open(path, options);
  return Session::openFromMemory(asCaptured, weights.files.folder, options);
}

Expected<std::vector<uint8_t>> Original::serialize() const {
  onnx::WriteOptions options;
  options.external = weights.files.places;
  return onnx::writeModelToMemory(*model, options);
}

} // namespace optrun::verify

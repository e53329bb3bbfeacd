// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Choosing a placement.

#include "WeightPlacement.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

/// Whether every component fits into one .onnx file with its weights; the first that does not.
Expected<const ir::Component *> findTooLargeInline(const ir::Package &package) {
  // Below this, no graph around the weights reaches protobuf's limit of 2 GiB.
  constexpr uint64_t SurelySmall = uint64_t(1) << 30;
  const onnx::WriteOptions options;
  for (const std::unique_ptr<ir::Component> &component : package.components) {
    if (ir::weightBytes(*component) <= SurelySmall)
      continue;
    Expected<uint64_t> size = onnx::serializedSize(*component, options);
    if (!size)
      return size.takeError();
    if (*size > options.maxFileSize)
      return component.get();
  }
  return nullptr;
}

SharedPlacement sharedPlacement(const ExportOptions &options, const ir::Package &package) {
  SharedPlacement shared;
  shared.hardLinks = options.link == Link::Hard;
  if (!package.sources.empty())
    shared.modelFile = package.sources.front().path;
  SmallString<256> folder;
  if (options.link != Link::Copy && !sys::fs::real_path(options.output.path, folder))
    shared.folder = folder.str().str();
  return shared;
}

} // namespace

Expected<PlacementPlan> placeWeights(const ExportOptions &options, const ir::Package &package,
                                     ArrayRef<std::string> onnxNames) {
  Components components = package.components;
  if (options.externalData == ExternalData::Shared)
    return placeShared(components, sharedPlacement(options, package));
  if (options.externalData == ExternalData::Single)
    return placeSingle(components, onnxNames, options.maxShardBytes());
  const bool mustBeInline = options.externalData == ExternalData::Inline;
  Expected<const ir::Component *> tooLarge = findTooLargeInline(package);
  if (!tooLarge)
    return tooLarge.takeError();
  if (mustBeInline && *tooLarge)
    return createStringError("component '" + (*tooLarge)->name +
                             "' exceeds the 2 GB that one .onnx file can hold: use "
                             "external-data: single, or more splits");
  const bool cameInline = package.sources.size() <= 1;
  const bool tied = any_of(components, [](const auto &each) { return hasTiedPayloads(*each); });
  const bool canBeInline = cameInline && !tied && !*tooLarge && !options.maxShardSize;
  return mustBeInline || canBeInline ? placeInline(components)
                                     : placeSingle(components, onnxNames, options.maxShardBytes());
}

} // namespace optrun::exporting

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From Upsample through the versions of Resize.

#include "Adapters.h"

#include "optrun/IR/Constants.h"

#include "llvm/Support/Endian.h"

namespace optrun::opset {
namespace {

llvm::Expected<bool> takesNearest(const ir::Node &node) {
  llvm::Expected<std::optional<std::string>> mode = attributeOf<std::string>(node, "mode");
  if (!mode)
    return mode.takeError();
  return mode->value_or("nearest") == "nearest";
}

/// More than any image has axes: what is read of a constant.
constexpr uint64_t MaxScales = 16;

/// An error when they are not constant.
llvm::Expected<std::vector<float>> constantScales(const ir::Value *value) {
  const ir::TensorRef tensor = value && !value->isInput() ? ir::constantOf(*value) : nullptr;
  if (!tensor || tensor->dataType() != ir::DataType::Float32 || tensor->elementCount() > MaxScales)
    return makeError("its scales are no constant: which neighbour is the nearest is not known");
  llvm::Expected<std::vector<uint8_t>> bytes = tensor->readAll();
  if (!bytes)
    return bytes.takeError();
  std::vector<float> scales;
  for (uint64_t index = 0; index < tensor->elementCount(); ++index)
    scales.push_back(llvm::bit_cast<float>(
        llvm::support::endian::read32le(bytes->data() + index * sizeof(float))));
  return scales;
}

/// Resize of opset 10 took the neighbour below when it made an image larger and the one above when
/// it made it smaller. A later node has one rule for all axes.
llvm::Expected<llvm::StringRef> nearestMode(const ir::Value *scales) {
  llvm::Expected<std::vector<float>> factors = constantScales(scales);
  if (!factors)
    return factors.takeError();
  if (llvm::all_of(*factors, [](float factor) { return factor >= 1; }))
    return "floor";
  if (llvm::all_of(*factors, [](float factor) { return factor <= 1; }))
    return "ceil";
  return makeError("it makes some axes larger and others smaller: no later version takes the "
                   "neighbours that it takes");
}

} // namespace

/// Upsample never makes an axis smaller: the neighbour below is the nearest.
llvm::Expected<ir::Node *> upsampleToResize(ir::Node &node, NodeRewriter &rewriter) {
  llvm::Expected<bool> nearest = takesNearest(node);
  if (!nearest)
    return nearest.takeError();
  if (*nearest)
    setAttribute(node, "nearest_mode", "floor");
  return rewriter.replace(node, "Resize", {node.input(0), node.input(1)});
}

llvm::Expected<ir::Node *> stateResizeCoordinates(ir::Node &node, NodeRewriter &rewriter) {
  llvm::Expected<bool> nearest = takesNearest(node);
  if (!nearest)
    return nearest.takeError();
  if (*nearest && !node.attribute("nearest_mode")) {
    llvm::Expected<llvm::StringRef> mode = nearestMode(node.input(1));
    if (!mode)
      return mode.takeError();
    setAttribute(node, "nearest_mode", mode->str());
  }
  setAttribute(node, "coordinate_transformation_mode", "asymmetric");
  // Opsets 11 and 12 want a region of interest, which this mode does not look at.
  llvm::Expected<ir::Value *> region =
      rewriter.insertConstant(node, "roi", makeVector(llvm::ArrayRef<float>()));
  if (!region)
    return region.takeError();
  return rewriter.replace(node, "Resize", {node.input(0), *region, node.input(1)});
}

/// Below 13, scales were always there, empty where sizes were given.
llvm::Expected<ir::Node *> omitEmptyScales(ir::Node &node, NodeRewriter &) {
  llvm::Expected<std::optional<std::string>> coordinates =
      attributeOf<std::string>(node, "coordinate_transformation_mode");
  if (!coordinates)
    return coordinates.takeError();
  if (coordinates->value_or("") == "tf_half_pixel_for_nn")
    return makeError("its coordinates are tf_half_pixel_for_nn, which is no more");
  if (node.input(2) && node.input(3) && !node.input(2)->isInput()) {
    const ir::TensorRef scales = ir::constantOf(*node.input(2));
    if (scales && scales->elementCount() == 0)
      node.setInput(2, nullptr);
  }
  return &node;
}

} // namespace optrun::opset

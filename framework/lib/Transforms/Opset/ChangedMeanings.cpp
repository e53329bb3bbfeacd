// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Nodes that need other attributes, or nodes around them, to mean what they meant.

#include "Adapters.h"

namespace optrun::opset {
namespace {

llvm::Expected<int64_t> integerOr(const ir::Node &node, llvm::StringRef name, int64_t otherwise) {
  llvm::Expected<std::optional<int64_t>> value = attributeOf<int64_t>(node, name);
  if (!value)
    return value.takeError();
  return value->value_or(otherwise);
}

bool isLastAxis(int64_t axis, const ir::Value *value) {
  if (axis == -1)
    return true;
  return value && value->type().isTensor() && value->type().shape() &&
         axis + 1 == static_cast<int64_t>(value->type().shape()->size());
}

/// Extent 1 of the first input: the channels of an image.
std::optional<int64_t> channelsOf(const ir::Node &node) {
  const ir::Value *image = node.input(0);
  if (!image || !image->type().isTensor())
    return std::nullopt;
  const std::optional<ir::Shape> &shape = image->type().shape();
  return shape && shape->size() > 1 ? (*shape)[1].extent : std::nullopt;
}

/// Each element of a vector \p times times: [a, b] becomes [a, a, b, b].
llvm::Expected<ir::Value *> repeatElements(ir::Node &node, NodeRewriter &rewriter,
                                           ir::Value *vector, int64_t times) {
  ir::Value *result = vector;
  auto insert = [&](llvm::StringRef opType, llvm::ArrayRef<int64_t> shape) -> llvm::Error {
    llvm::Expected<ir::Value *> target =
        rewriter.insertConstant(node, "group_shape", makeVector(shape));
    if (!target)
      return target.takeError();
    llvm::Expected<ir::Node *> step =
        rewriter.insert(node, opType, "group_values", {result, *target});
    if (!step)
      return step.takeError();
    result = (*step)->output(0);
    return llvm::Error::success();
  };
  if (llvm::Error error = insert("Reshape", {-1, 1}))
    return error;
  if (llvm::Error error = insert("Expand", {1, times}))
    return error;
  if (llvm::Error error = insert("Reshape", {-1}))
    return error;
  return result;
}

} // namespace

/// Below 13, Softmax and the like took all axes from \p axis on together.
llvm::Expected<ir::Node *> flattenBeforeSoftmax(ir::Node &node, NodeRewriter &rewriter) {
  llvm::Expected<int64_t> axis = integerOr(node, "axis", 1);
  if (!axis)
    return axis.takeError();
  setAttribute(node, "axis", int64_t{-1});
  ir::Value *input = node.input(0);
  if (isLastAxis(*axis, input))
    return &node;

  llvm::Expected<ir::Node *> shape = rewriter.insert(node, "Shape", "shape", input);
  if (!shape)
    return shape.takeError();
  llvm::Expected<ir::Node *> flatten = rewriter.insert(node, "Flatten", "flattened", input);
  if (!flatten)
    return flatten.takeError();
  setAttribute(**flatten, "axis", *axis);
  llvm::Expected<ir::Node *> rows =
      rewriter.insert(node, node.opType(), "rows", (*flatten)->output(0));
  if (!rows)
    return rows.takeError();
  // The Reshape has the old output; what else the node was is the new Softmax.
  std::swap((*rows)->name, node.name);
  std::swap((*rows)->docString, node.docString);
  std::swap((*rows)->deviceConfigurations, node.deviceConfigurations);
  std::swap((*rows)->attributes(), node.attributes());
  llvm::Expected<ir::Node *> reshape =
      rewriter.replace(node, "Reshape", {(*rows)->output(0), (*shape)->output(0)});
  if (!reshape)
    return reshape.takeError();
  return rows;
}

/// Below 18, the number of equal parts was that of the outputs.
llvm::Expected<ir::Node *> countSplitOutputs(ir::Node &node, NodeRewriter &) {
  if (!node.input(1))
    setAttribute(node, "num_outputs", static_cast<int64_t>(node.outputs().size()));
  return &node;
}

llvm::Expected<ir::Node *> dropSpatial(ir::Node &node, NodeRewriter &) {
  llvm::Expected<int64_t> spatial = integerOr(node, "spatial", 1);
  if (!spatial)
    return spatial.takeError();
  if (*spatial == 0)
    return makeError("it normalizes each element by itself (spatial = 0), which is no more");
  removeAttribute(node, "spatial");
  return &node;
}

llvm::Expected<ir::Node *> makeMaskBoolean(ir::Node &node, NodeRewriter &) {
  if (ir::Value *mask = node.output(1); mask && mask->type().isTensor())
    mask->setType(ir::Type::tensor(ir::DataType::Bool, mask->type().shape()));
  return &node;
}

llvm::Expected<ir::Node *> scatterToScatterElements(ir::Node &node, NodeRewriter &rewriter) {
  llvm::SmallVector<ir::Value *> inputs;
  for (const ir::Use &use : node.inputs())
    inputs.push_back(use.value());
  return rewriter.replace(node, "ScatterElements", inputs);
}

llvm::Expected<ir::Node *> keepRoiAlignOffset(ir::Node &node, NodeRewriter &) {
  setAttribute(node, "coordinate_transformation_mode", "output_half_pixel");
  return &node;
}

llvm::Expected<ir::Node *> renameGridSampleMode(ir::Node &node, NodeRewriter &) {
  llvm::Expected<std::optional<std::string>> mode = attributeOf<std::string>(node, "mode");
  if (!mode)
    return mode.takeError();
  // bilinear and bicubic
  const std::string name = mode->value_or("");
  if (llvm::StringRef(name).starts_with("bi"))
    setAttribute(node, "mode", name.substr(2));
  return &node;
}

/// Below 21, scale and bias had an element for each group; now they have one for each channel.
llvm::Expected<ir::Node *> repeatGroupScales(ir::Node &node, NodeRewriter &rewriter) {
  llvm::Expected<int64_t> groups = integerOr(node, "num_groups", 0);
  if (!groups)
    return groups.takeError();
  const std::optional<int64_t> channels = channelsOf(node);
  if (!channels)
    return makeError("the number of channels of its input is unknown");
  const ir::DataType type = node.input(0)->type().elementType();
  if (!ir::isFloatingPoint(type))
    return makeError("its input is " + ir::dataTypeName(type) + ", no floating-point type");
  if (*groups < 1 || *channels % *groups != 0)
    return makeError("its input has " + llvm::Twine(*channels) + " channels in " +
                     llvm::Twine(*groups) + " groups");
  for (unsigned index : {1U, 2U}) {
    if (!node.input(index))
      return makeError("it has no scale or no bias");
    llvm::Expected<ir::Value *> repeated =
        repeatElements(node, rewriter, node.input(index), *channels / *groups);
    if (!repeated)
      return repeated.takeError();
    node.setInput(index, *repeated);
  }
  // It computed in the type of its input.
  setAttribute(node, "stash_type", static_cast<int64_t>(type));
  return &node;
}

} // namespace optrun::opset

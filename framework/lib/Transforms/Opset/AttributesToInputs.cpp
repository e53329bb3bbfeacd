// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Parameters that moved from an attribute to an input.

#include "Adapters.h"

namespace optrun::opset {
namespace {

using Integers = std::vector<int64_t>;

/// Removes the attribute and adds what \p makeTensor makes of its value as input \p index. A node
/// without the attribute stays.
template <typename T, typename MakeTensor>
llvm::Expected<ir::Node *> moveToInput(llvm::Expected<ir::Node *> node, NodeRewriter &rewriter,
                                       llvm::StringRef name, unsigned index,
                                       MakeTensor makeTensor) {
  if (!node)
    return node;
  llvm::Expected<std::optional<T>> value = attributeOf<T>(**node, name);
  if (!value)
    return value.takeError();
  if (!*value)
    return node;
  removeAttribute(**node, name);
  return rewriter.addInput(**node, index, name, makeTensor(**value));
}

llvm::Expected<ir::Node *> moveIntegers(llvm::Expected<ir::Node *> node, NodeRewriter &rewriter,
                                        llvm::StringRef name, unsigned index) {
  return moveToInput<Integers>(std::move(node), rewriter, name, index,
                               [](const Integers &values) { return makeVector(values); });
}

/// A scalar of the element type of the first input.
llvm::Expected<ir::Node *> moveNumber(llvm::Expected<ir::Node *> node, NodeRewriter &rewriter,
                                      llvm::StringRef name, unsigned index) {
  if (!node)
    return node;
  const ir::Value *input = (*node)->input(0);
  const ir::DataType type = input ? input->type().elementType() : ir::DataType::Undefined;
  return moveToInput<float>(*node, rewriter, name, index,
                            [type](float value) { return makeScalar(type, value); });
}

} // namespace

llvm::Expected<ir::Node *> axesToInput(ir::Node &node, NodeRewriter &rewriter) {
  return moveIntegers(&node, rewriter, "axes", 1);
}

llvm::Expected<ir::Node *> splitToInput(ir::Node &node, NodeRewriter &rewriter) {
  return moveIntegers(&node, rewriter, "split", 1);
}

llvm::Expected<ir::Node *> sliceRangeToInputs(ir::Node &node, NodeRewriter &rewriter) {
  llvm::Expected<ir::Node *> result = moveIntegers(&node, rewriter, "starts", 1);
  result = moveIntegers(std::move(result), rewriter, "ends", 2);
  return moveIntegers(std::move(result), rewriter, "axes", 3);
}

llvm::Expected<ir::Node *> topKToInput(ir::Node &node, NodeRewriter &rewriter) {
  return moveToInput<int64_t>(&node, rewriter, "k", 1,
                              [](int64_t k) { return makeVector(llvm::ArrayRef(k)); });
}

llvm::Expected<ir::Node *> dftAxisToInput(ir::Node &node, NodeRewriter &rewriter) {
  // Without the attribute it was 1, without the input it is -2.
  if (!node.attribute("axis"))
    setAttribute(node, "axis", int64_t{1});
  return moveToInput<int64_t>(&node, rewriter, "axis", 2,
                              [](int64_t axis) { return makeScalar(axis); });
}

llvm::Expected<ir::Node *> clipRangeToInputs(ir::Node &node, NodeRewriter &rewriter) {
  return moveNumber(moveNumber(&node, rewriter, "min", 1), rewriter, "max", 2);
}

llvm::Expected<ir::Node *> padsToInputs(ir::Node &node, NodeRewriter &rewriter) {
  llvm::Expected<std::optional<float>> value = attributeOf<float>(node, "value");
  if (!value)
    return value.takeError();
  // Zero is what is padded with anyway, whatever the type; other modes have no use for it.
  llvm::Expected<std::optional<std::string>> mode = attributeOf<std::string>(node, "mode");
  if (!mode)
    return mode.takeError();
  if (value->value_or(0) == 0 || mode->value_or("constant") != "constant")
    removeAttribute(node, "value");
  return moveNumber(moveIntegers(&node, rewriter, "pads", 1), rewriter, "value", 2);
}

llvm::Expected<ir::Node *> dropoutRatioToInput(ir::Node &node, NodeRewriter &rewriter) {
  return moveToInput<float>(&node, rewriter, "ratio", 1,
                            [](float ratio) { return makeScalar(ir::DataType::Float32, ratio); });
}

llvm::Expected<ir::Node *> upsampleScalesToInput(ir::Node &node, NodeRewriter &rewriter) {
  return moveToInput<std::vector<float>>(
      &node, rewriter, "scales", 1,
      [](const std::vector<float> &scales) { return makeVector(scales); });
}

} // namespace optrun::opset

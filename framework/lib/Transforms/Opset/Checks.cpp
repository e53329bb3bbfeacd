// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Refuses the few uses of an operator that a newer version does not keep.

#include "Adapters.h"

namespace optrun::opset {
namespace {

using Integers = std::vector<int64_t>;

ir::DataType elementTypeOf(const ir::Value *value) {
  return value ? value->type().elementType() : ir::DataType::Undefined;
}

bool isFnuz(ir::DataType type) {
  return type == ir::DataType::Float8E4M3FNUZ || type == ir::DataType::Float8E5M2FNUZ;
}

} // namespace

/// The releases of ONNX contradict each other about what a query sees behind a past: up to 1.22,
/// version 23 aligned the mask with the first key.
llvm::Error hasNoCausalPast(const ir::Node &node) {
  llvm::Expected<std::optional<int64_t>> causal = attributeOf<int64_t>(node, "is_causal");
  if (!causal)
    return causal.takeError();
  if (causal->value_or(0) != 0 && node.input(4))
    return makeError("it is causal and has a past, whose keys the versions mask differently");
  return llvm::Error::success();
}

/// All false in old runtimes, all true by the newer definition.
llvm::Error hasNoMask(const ir::Node &node) {
  const ir::Value *mask = node.output(1);
  if (mask && (mask->hasUses() || mask->isOutput() || mask->isNestedOutput()))
    return makeError("its mask is used, whose meaning changed");
  return llvm::Error::success();
}

llvm::Error infersOnly(const ir::Node &node) {
  if (llvm::any_of(node.outputs().drop_front(!node.outputs().empty()),
                   [](const ir::Value *statistic) { return statistic; }))
    return makeError("it returns statistics, as in training; export the model for inference");
  return llvm::Error::success();
}

llvm::Error isFloatingPoint(const ir::Node &node) {
  const ir::DataType type = elementTypeOf(node.input(0));
  if (type != ir::DataType::Undefined && !ir::isFloatingPoint(type))
    return makeError("it takes " + ir::dataTypeName(type) + ", which the newer version does not");
  return llvm::Error::success();
}

/// Version 1 of ConvTranspose puts the odd one of computed padding on the other side.
llvm::Error padsExplicitly(const ir::Node &node) {
  llvm::Expected<std::optional<std::string>> mode = attributeOf<std::string>(node, "auto_pad");
  if (!mode)
    return mode.takeError();
  if (node.attribute("output_shape") || llvm::StringRef(mode->value_or("")).starts_with("SAME"))
    return makeError("its padding follows from auto_pad or output_shape, by another rule");
  return llvm::Error::success();
}

/// Since 22, a window that would begin in the padding behind the last element is left out. Without
/// such padding, and with windows that leave no gaps, no window begins there.
llvm::Error poolsInsideOnly(const ir::Node &node) {
  llvm::Expected<std::optional<int64_t>> ceil = attributeOf<int64_t>(node, "ceil_mode");
  if (!ceil)
    return ceil.takeError();
  llvm::Expected<std::optional<Integers>> pads = attributeOf<Integers>(node, "pads");
  if (!pads)
    return pads.takeError();
  llvm::Expected<std::optional<Integers>> strides = attributeOf<Integers>(node, "strides");
  if (!strides)
    return strides.takeError();
  llvm::Expected<std::optional<Integers>> kernel = attributeOf<Integers>(node, "kernel_shape");
  if (!kernel)
    return kernel.takeError();
  const Integers padding = pads->value_or(Integers()), steps = strides->value_or(Integers()),
                 windows = kernel->value_or(Integers());
  const bool padsBehind = llvm::any_of(llvm::ArrayRef(padding).drop_front(padding.size() / 2),
                                       [](int64_t pad) { return pad != 0; });
  bool leavesGaps = false;
  for (auto [step, window] : llvm::zip(steps, windows))
    leavesGaps |= step > window;
  if (ceil->value_or(0) != 0 && (padsBehind || leavesGaps))
    return makeError("it rounds its output's size up (ceil_mode) and may have windows in the "
                     "padding only, which the newer version leaves out");
  return llvm::Error::success();
}

/// Since 24, infinity saturates to the largest number of these types; it was NaN.
llvm::Error saturatesNoFnuz(const ir::Node &node) {
  llvm::Expected<std::optional<int64_t>> to = attributeOf<int64_t>(node, "to");
  if (!to)
    return to.takeError();
  llvm::Expected<std::optional<int64_t>> saturate = attributeOf<int64_t>(node, "saturate");
  if (!saturate)
    return saturate.takeError();
  const ir::DataType type = to->has_value() ? static_cast<ir::DataType>(**to) // Cast
                                            : elementTypeOf(node.input(1));   // CastLike
  if (saturate->value_or(1) != 0 && isFnuz(type))
    return makeError("it casts to " + ir::dataTypeName(type) +
                     ", whose value for infinity changed");
  return llvm::Error::success();
}

} // namespace optrun::opset

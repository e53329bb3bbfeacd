// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Recognizes products.

#include "forms/Product.h"

namespace optrun::quantize {

static bool isOne(const ir::Node &node, llvm::StringRef attributeName) {
  const ir::Attribute *attribute = node.attribute(attributeName);
  if (!attribute)
    return true;
  const float *value = std::get_if<float>(&attribute->value);
  return value && *value == 1.0F;
}

bool isPlainProduct(const WeightUse &use) {
  if (use.kind == WeightUse::Kind::MatMulRight)
    return true;
  return use.kind == WeightUse::Kind::Gemm && isOne(*use.node, "alpha") &&
         (isOne(*use.node, "beta") || !addend(use)) &&
         use.node->intAttribute("transA").value_or(0) == 0;
}

ir::Value *addend(const WeightUse &use) {
  return use.kind == WeightUse::Kind::Gemm ? use.node->input(2) : nullptr;
}

} // namespace optrun::quantize

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The constant behind a value.

#include "optrun/IR/Constants.h"

namespace optrun::ir {

TensorRef constantOf(const Node &node) {
  const Attribute *attribute = node.isOp("Constant") ? node.attribute("value") : nullptr;
  const auto *tensor = attribute ? std::get_if<TensorRef>(&attribute->value) : nullptr;
  return tensor ? *tensor : nullptr;
}

TensorRef constantOf(const Value &value) {
  if (value.tensor())
    return value.tensor();
  return value.producer() ? constantOf(*value.producer()) : nullptr;
}

} // namespace optrun::ir

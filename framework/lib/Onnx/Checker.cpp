// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The ONNX checker on a component.

#include "LibraryCalls.h"
#include "LibraryModel.h"

#include "optrun/Onnx/Checks.h"

#include "llvm/ADT/STLExtras.h"

#include <onnx/checker.h>

namespace optrun::onnx {

namespace {

/// The library refuses a component for such a value and does not name it. Null when there is none.
const ir::Value *findUnranked(llvm::ArrayRef<ir::Value *> values) {
  auto found = llvm::find_if(values, [](const ir::Value *value) {
    return value->type().isTensor() && !value->type().shape();
  });
  return found == values.end() ? nullptr : *found;
}

llvm::Error unrankedError(const std::string &subject, const ir::Value &value,
                          llvm::StringRef role) {
  return makeError(subject + " is not valid ONNX: the rank of its " + role + " '" + value.name() +
                   "' is unknown, and ONNX wants it known; state the value's shape in the model, "
                   "where it is an output there or else in value_info");
}

} // namespace

llvm::Error checkModel(const ir::Component &component) {
  std::string subject = component.name.empty() ? "the model" : "component '" + component.name + "'";
  if (const ir::Value *value = findUnranked(component.graph.inputs()))
    return unrankedError(subject, *value, "input");
  if (const ir::Value *value = findUnranked(component.graph.outputs()))
    return unrankedError(subject, *value, "output");
  auto model = makeLibraryModel(component);
  if (!model)
    return model.takeError();
  return callLibrary(subject + " is not valid ONNX", [&] { proto::checker::check_model(**model); });
}

} // namespace optrun::onnx

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The ONNX checker on a component.

#include "LibraryCalls.h"
#include "LibraryModel.h"

#include "optrun/Onnx/Checks.h"

#include <onnx/checker.h>

namespace optrun::onnx {

llvm::Error checkModel(const ir::Component &component) {
  auto model = makeLibraryModel(component);
  if (!model)
    return model.takeError();
  std::string subject = component.name.empty() ? "the model" : "component '" + component.name + "'";
  return callLibrary(subject + " is not valid ONNX", [&] { proto::checker::check_model(**model); });
}

} // namespace optrun::onnx

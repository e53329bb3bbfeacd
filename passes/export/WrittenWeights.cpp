// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Measuring written components.

#include "WrittenWeights.h"

#include "optrun/IR/Payloads.h"
#include "optrun/Onnx/OnnxReader.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

/// Tied weights are stored once in a data file, and each for itself inside an .onnx file.
uint64_t storedBytes(const ir::Component &component, const ComponentPlacement &placement) {
  uint64_t bytes = 0;
  ir::PayloadIndex payloads;
  ir::forEachTensor(component, [&](const ir::TensorRef &tensor) {
    if (!placement.external.contains(tensor.get()) || payloads.add(*tensor).second)
      bytes += tensor->byteSize();
  });
  return bytes;
}

} // namespace

Expected<uint64_t> measureWeights(const ir::Component &component,
                                  const ComponentPlacement &placement, StringRef path) {
  Expected<onnx::ReadResult> written = onnx::readModel(path);
  if (!written)
    return createStringError("component '" + component.name +
                             "' cannot be read back: " + toString(written.takeError()));
  const uint64_t realised = ir::weightBytes(*written->component);
  const uint64_t expected = storedBytes(component, placement);
  if (expected != realised)
    return createStringError("internal error: component '" + component.name + "' has " +
                             Twine(expected) + " bytes of weights, and its files have " +
                             Twine(realised));
  return realised;
}

Error checkBudget(const ir::Component &component, const SplitPlan::Part &part,
                  uint64_t realisedBytes) {
  if (!part.budgetBytes || realisedBytes <= *part.budgetBytes)
    return Error::success();
  const bool isTied = realisedBytes > ir::weightBytes(component);
  return createStringError("component '" + component.name + "' has " + Twine(realisedBytes) +
                           " bytes of weights, over its budget of " + Twine(*part.budgetBytes) +
                           (isTied ? "; tied weights are stored twice inside .onnx files: use "
                                     "external-data: single"
                                   : "; a pass after the split has made them larger"));
}

} // namespace optrun::exporting

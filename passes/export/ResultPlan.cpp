// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Planning of names, places and files.

#include "ResultPlan.h"

#include "WeightPlacement.h"

#include "optrun/Onnx/Checks.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

std::vector<std::string> onnxFileNames(size_t components) {
  if (components == 1)
    return {"model.onnx"};
  std::vector<std::string> names;
  for (size_t i = 0; i != components; ++i)
    names.push_back(("split_" + Twine(i) + ".onnx").str());
  return names;
}

uint64_t bytesToWrite(const DataFile &file) {
  switch (file.kind) {
  case DataFile::Kind::Built:
  case DataFile::Kind::Scratch: {
    uint64_t bytes = file.source ? file.source->size() : 0;
    // Without the padding.
    for (const PlacedPayload &payload : file.payloads)
      bytes += payload.tensor->byteSize();
    return bytes;
  }
  case DataFile::Kind::Copied:
    return file.source->size();
  case DataFile::Kind::Linked:
  case DataFile::Kind::Own:
    break;
  }
  return 0;
}

uint64_t bytesInOnnxFile(const ir::Component &component, const ComponentPlacement &placement) {
  uint64_t bytes = 0;
  ir::forEachTensor(component, [&](const ir::TensorRef &tensor) {
    if (!placement.external.contains(tensor.get()))
      bytes += tensor->byteSize();
  });
  return bytes;
}

} // namespace

Expected<ResultPlan> planResult(const ExportOptions &options, const ir::Package &package,
                                PassContext &context) {
  ResultPlan plan;
  if (options.writesOnnx()) {
    plan.onnxNames = onnxFileNames(package.components.size());
    if (Error error = context.parallelFor(package.components.size(), [&](size_t i) {
          return onnx::checkModel(*package.components[i]);
        }))
      return error;
    if (Error error = placeWeights(options, package, plan.onnxNames).moveInto(plan.placement))
      return error;
  }
  if (Error error = planTargets(options, package, plan.onnxNames).moveInto(plan.targets))
    return error;
  plan.filesRead = package.sources;
  append_range(plan.filesRead, plan.targets.read);
  return plan;
}

uint64_t bytesToWrite(const ResultPlan &plan, const ir::Package &package) {
  uint64_t bytes = 0;
  for (const SideFile &file : plan.targets.files)
    bytes += file.bytes;
  for (const DataFile &file : plan.placement.files)
    bytes += bytesToWrite(file);
  for (const auto &[component, placement] : zip(package.components, plan.placement.components))
    bytes += bytesInOnnxFile(*component, placement);
  return bytes;
}

} // namespace optrun::exporting

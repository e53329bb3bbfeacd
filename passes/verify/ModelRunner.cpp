// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs models in ONNX Runtime.

#include "ModelRunner.h"

using namespace llvm;

namespace optrun::verify {

using runtime::ChainLink;
using runtime::NamedValues;
using runtime::RuntimeValue;
using runtime::Session;

Expected<NamedValues> loadInputs(const InputSet &set) {
  NamedValues values;
  for (const ir::TensorRef &tensor : set.tensors) {
    Expected<RuntimeValue> value = RuntimeValue::of(*tensor);
    if (!value)
      return createStringError("input '" + tensor->name() + "': " + toString(value.takeError()));
    values[tensor->name().str()] = std::move(*value);
  }
  return values;
}

Expected<std::vector<std::vector<RuntimeValue>>>
runChain(ArrayRef<ChainLink> links, std::vector<NamedValues> sets, ArrayRef<std::string> outputs,
         const runtime::SessionOptions &options, function_ref<Error()> beforeRun,
         function_ref<void()> afterModel) {
  for (const ChainLink &link : links) {
    Expected<std::unique_ptr<Session>> session = Session::open(link.path, options);
    if (!session)
      return runtime::inComponent(link, session.takeError());
    for (NamedValues &values : sets) {
      if (Error error = beforeRun())
        return error;
      if (Error error = runtime::runLink(**session, values))
        return runtime::inComponent(link, std::move(error));
    }
    afterModel();
  }
  std::vector<std::vector<RuntimeValue>> results;
  for (NamedValues &values : sets) {
    results.emplace_back();
    for (const std::string &output : outputs) {
      auto value = values.find(output);
      if (value == values.end())
        return createStringError("no component gives the model's output '" + output + "'");
      results.back().push_back(std::move(value->second));
    }
  }
  return results;
}

} // namespace optrun::verify

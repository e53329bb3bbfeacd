// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs models in ONNX Runtime.

#include "ModelRunner.h"

using namespace llvm;

namespace optrun::verify {
namespace {

using runtime::RuntimeValue;
using runtime::Session;

Error inComponent(const Link &link, Error error) {
  return createStringError("component '" + link.name + "': " + toString(std::move(error)));
}

/// Runs one model of the chain on one set and adds its outputs to the set.
Error runLink(Session &session, NamedValues &values) {
  for (const std::string &input : session.inputs())
    if (!values.contains(input))
      return createStringError("its input '" + input +
                               "' is neither an input of the model nor an output of a component "
                               "before");
  Expected<ModelOutputs> outputs = runModel(session, values);
  if (!outputs)
    return outputs.takeError();
  for (size_t i = 0; i != outputs->names.size(); ++i)
    values[outputs->names[i]] = std::move(outputs->values[i]);
  return Error::success();
}

} // namespace

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

Expected<ModelOutputs> runModel(Session &session, const NamedValues &inputs) {
  Expected<std::vector<RuntimeValue>> values =
      session.run([&](const std::string &name) -> const RuntimeValue * {
        auto value = inputs.find(name);
        return value == inputs.end() ? nullptr : &value->second;
      });
  if (!values)
    return values.takeError();
  return ModelOutputs{session.outputs().vec(), std::move(*values)};
}

Expected<std::vector<std::vector<RuntimeValue>>>
runChain(ArrayRef<Link> links, std::vector<NamedValues> sets, ArrayRef<std::string> outputs,
         const runtime::SessionOptions &options, function_ref<Error()> beforeRun,
         function_ref<void()> afterModel) {
  for (const Link &link : links) {
    Expected<std::unique_ptr<Session>> session = Session::open(link.path, options);
    if (!session)
      return inComponent(link, session.takeError());
    for (NamedValues &values : sets) {
      if (Error error = beforeRun())
        return error;
      if (Error error = runLink(**session, values))
        return inComponent(link, std::move(error));
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

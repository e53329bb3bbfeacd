// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Values on their way through a chain of models.

#include "optrun/Runtime/ModelChain.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::runtime {

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

Error inComponent(const ChainLink &link, Error error) {
  return createStringError("component '" + link.name + "': " + toString(std::move(error)));
}

Expected<ModelChain> ModelChain::open(ArrayRef<ChainLink> links, const SessionOptions &options) {
  ModelChain chain;
  for (const ChainLink &link : links) {
    Expected<std::unique_ptr<Session>> session = Session::open(link.path, options);
    if (!session)
      return inComponent(link, session.takeError());
    for (const std::string &input : (*session)->inputs())
      chain.lastTaker[input] = chain.links.size();
    chain.links.push_back({link, std::move(*session)});
  }
  return chain;
}

bool ModelChain::isTakenAfter(size_t index, StringRef name) const {
  auto taker = lastTaker.find(name);
  return taker != lastTaker.end() && taker->second > index;
}

Expected<NamedValues> ModelChain::runFor(NamedValues values, ArrayRef<std::string> outputs) {
  for (size_t i = 0; i != links.size(); ++i) {
    if (Error error = runLink(*links[i].session, values))
      return inComponent(links[i].link, std::move(error));
    std::erase_if(values, [&](const auto &value) {
      return !is_contained(outputs, value.first) && !isTakenAfter(i, value.first);
    });
  }
  for (const std::string &output : outputs)
    if (!values.contains(output))
      return createStringError("no component gives the output '" + output + "'");
  return values;
}

Expected<RuntimeValue> ModelChain::run(NamedValues values, StringRef output) {
  const std::string name = output.str();
  Expected<NamedValues> outputs = runFor(std::move(values), name);
  if (!outputs)
    return outputs.takeError();
  return std::move(outputs->find(name)->second);
}

} // namespace optrun::runtime

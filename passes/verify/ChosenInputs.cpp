// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading or generating of inputs.

#include "ChosenInputs.h"

#include "ChosenExtents.h"
#include "InputFiles.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::verify {
namespace {

Error checkAllDescribed(const ir::Component &model, ArrayRef<InputDescription> described) {
  for (const ir::Value *input : model.graph.inputs())
    if (!input->isInitializer() &&
        none_of(described, [&](const auto &each) { return each.name == input->name(); }))
      return createStringError("no values can be generated for the model's input '" +
                               input->name() + "', whose type or rank is unknown; give inputs");
  return Error::success();
}

Expected<std::vector<InputSet>> readGiven(StringRef folder, const ir::Component &model) {
  std::vector<std::string> names;
  for (const ir::Value *input : model.graph.inputs())
    if (!input->isInitializer())
      names.push_back(input->name().str());
  return readInputs(folder, names);
}

} // namespace

Expected<std::vector<InputSet>> chooseInputs(const VerifyOptions &options,
                                             const ir::Component &model) {
  if (options.inputs)
    return readGiven(options.inputs->path, model);
  const std::vector<InputDescription> inputs = describeInputs(model);
  if (Error error = checkAllDescribed(model, inputs))
    return error;
  const std::vector<InputExtents> extents =
      chooseExtents(inputs, countOwnPositions(model), static_cast<size_t>(options.samples));
  std::vector<InputSet> sets;
  for (size_t i = 0; i != extents.size(); ++i) {
    Expected<InputSet> set =
        generateInputs(inputs, extents[i], static_cast<uint64_t>(options.seed), i);
    if (!set)
      return set.takeError();
    sets.push_back(std::move(*set));
  }
  return sets;
}

} // namespace optrun::verify

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs a model, and a chain of models that pass values by name.

#ifndef OPTRUN_RUNTIME_MODELCHAIN_H
#define OPTRUN_RUNTIME_MODELCHAIN_H

#include "optrun/Runtime/Session.h"

#include <map>

namespace optrun::runtime {

/// Inputs by name; the models of a chain add their outputs.
using NamedValues = std::map<std::string, RuntimeValue, std::less<>>;

/// One model of a chain.
struct ChainLink {
  std::string name; // of the component, for errors
  std::string path;
};

/// The outputs of one model on one set of inputs.
struct ModelOutputs {
  std::vector<std::string> names;
  std::vector<RuntimeValue> values;
};

/// Runs \p session on \p inputs.
llvm::Expected<ModelOutputs> runModel(Session &session, const NamedValues &inputs);

/// Runs one model of a chain on \p values and adds its outputs to them.
llvm::Error runLink(Session &session, NamedValues &values);

/// \p error with the name of the component in front.
llvm::Error inComponent(const ChainLink &link, llvm::Error error);

/// A chain of models, all of them loaded.
class ModelChain {
public:
  /// Errors name the component.
  static llvm::Expected<ModelChain> open(llvm::ArrayRef<ChainLink> links,
                                         const SessionOptions &options);

  /// Runs the models in order and returns the value called \p output. Other values are gone as soon
  /// as no later model takes them: the keys and values of all layers would add up.
  llvm::Expected<RuntimeValue> run(NamedValues values, llvm::StringRef output);
  /// The same for several values.
  llvm::Expected<NamedValues> runFor(NamedValues values, llvm::ArrayRef<std::string> outputs);

private:
  struct OpenLink {
    ChainLink link;
    std::unique_ptr<Session> session;
  };

  bool isTakenAfter(size_t index, llvm::StringRef name) const;

  std::vector<OpenLink> links;
  std::map<std::string, size_t, std::less<>> lastTaker; // of each input of a model: an index
};

} // namespace optrun::runtime

#endif // OPTRUN_RUNTIME_MODELCHAIN_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A model that runs windows, and what that takes.

#ifndef OPTRUN_PASSES_EVALUATE_MEASUREDMODEL_H
#define OPTRUN_PASSES_EVALUATE_MEASUREDMODEL_H

#include "ModelInterface.h"

#include "optrun/Results/Evaluation.h"

namespace optrun::evaluate {

class MeasuredModel {
public:
  /// \p role: "model" or "reference", for errors.
  MeasuredModel(std::string role, ModelFiles files, ModelInterface model,
                const runtime::SessionOptions &options)
      : role(std::move(role)), files(std::move(files)), model(std::move(model)), options(options) {}

  /// The logits for the tokens \p ids. The first call loads the model.
  llvm::Expected<runtime::RuntimeValue> run(llvm::ArrayRef<int64_t> ids);

  const std::string &name() const { return files.name; }

  /// Once it has run. The first of several windows does not count for the speed: memory is set
  /// aside in it.
  SpeedFigures speed() const;

private:
  llvm::Expected<runtime::RuntimeValue> loadAndRun(llvm::ArrayRef<int64_t> ids);
  llvm::Expected<runtime::RuntimeValue> timedRun(llvm::ArrayRef<int64_t> ids);
  llvm::Error inRole(llvm::Error error) const;

  std::string role;
  ModelFiles files;
  ModelInterface model;
  runtime::SessionOptions options;
  std::optional<runtime::ModelChain> chain;

  struct Runs {
    uint64_t tokens = 0;
    double seconds = 0;
  };
  Runs first, others;
  double loadSeconds = 0;
  uint64_t memoryBytes = 0;
};

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_MEASUREDMODEL_H

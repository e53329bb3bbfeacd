// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What evaluate has measured; for the manifest and for passes after it. docs/evaluation.md has the
/// formulas.

#ifndef OPTRUN_RESULTS_EVALUATION_H
#define OPTRUN_RESULTS_EVALUATION_H

#include "optrun/IR/Attachment.h"

#include <cstdint>
#include <optional>

namespace optrun {

/// Depends on the machine and on what else it does.
struct SpeedFigures {
  double loadSeconds = 0;
  double tokensPerSecond = 0;
  /// By how much loading the model and running its first window raised the memory that the process
  /// holds, at most.
  uint64_t memoryBytes = 0;
  bool operator==(const SpeedFigures &) const = default;
};

/// How one model did by itself.
struct ModelFigures {
  std::string name; // its file or folder, without the path
  std::optional<double> perplexity;
  std::optional<SpeedFigures> speed;
  bool operator==(const ModelFigures &) const = default;
};

/// What was asked for is there; what was not is not.
struct EvaluationFigures {
  std::string data; // the file name
  uint64_t windows = 0;
  uint64_t windowTokens = 0;
  uint64_t scoredTokens() const { return windows * (windowTokens - 1); }

  ModelFigures model;
  std::optional<ModelFigures> reference;

  // Of the model against the reference, over all positions of all windows.
  std::optional<double> agreement;  // share of positions with the same most likely token
  std::optional<double> divergence; // mean KL(reference ‖ model), in nats
  std::optional<double> maxAbsoluteError;
  std::optional<double> maxRelativeError; // relative to the reference's largest logit

  bool operator==(const EvaluationFigures &) const = default;
};

class Evaluation final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.Evaluation/1";
  Evaluation(EvaluationFigures figures, bool isOfExport);
  ~Evaluation() override;
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  EvaluationFigures figures;
  /// Whether the model is the one that export has written in this run.
  bool isOfExport = false;
};

} // namespace optrun

#endif // OPTRUN_RESULTS_EVALUATION_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The record of what evaluate has measured.

#include "optrun/Results/Evaluation.h"

#include "llvm/Support/Format.h"

namespace optrun {

static void printModel(llvm::StringRef role, const ModelFigures &model, llvm::raw_ostream &os) {
  os << role << ": " << model.name << '\n';
  if (model.perplexity)
    os << role << " perplexity: " << llvm::format("%.6g\n", *model.perplexity);
  if (const auto &speed = model.speed)
    os << role << " speed: "
       << llvm::format("%.1f tokens/s, loaded in %.3f s, ", speed->tokensPerSecond,
                       speed->loadSeconds)
       << speed->memoryBytes << " bytes\n";
}

Evaluation::Evaluation(EvaluationFigures figures, bool isOfExport)
    : figures(std::move(figures)), isOfExport(isOfExport) {}
Evaluation::~Evaluation() = default;

void Evaluation::print(llvm::raw_ostream &os) const {
  os << "data: " << figures.data << ", " << figures.windows << " windows of "
     << figures.windowTokens << " tokens\n";
  printModel("model", figures.model, os);
  if (figures.reference)
    printModel("reference", *figures.reference, os);
  auto printFigure = [&](llvm::StringRef name, const std::optional<double> &value) {
    if (value)
      os << name << ": " << llvm::format("%.6g\n", *value);
  };
  printFigure("top-1 agreement", figures.agreement);
  printFigure("KL divergence", figures.divergence);
  printFigure("max absolute error", figures.maxAbsoluteError);
  printFigure("max relative error", figures.maxRelativeError);
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Figures as text.

#include "FigureTable.h"

#include "optrun/Support/ByteSize.h"

#include "llvm/Support/Format.h"

#include <functional>

namespace optrun::evaluate {
namespace {

template <typename... Values> std::string text(const char *pattern, Values... values) {
  std::string result;
  llvm::raw_string_ostream(result) << llvm::format(pattern, values...);
  return result;
}

class FigureRows {
public:
  explicit FigureRows(const EvaluationFigures &figures)
      : figures(figures), table(makeColumns(figures)) {}

  Table make() {
    addOfEach(!!figures.model.perplexity, "perplexity",
              [](const ModelFigures &model) { return text("%.4f", *model.perplexity); });
    addOfModel("top-1 agreement", figures.agreement,
               [](double share) { return text("%.3f%%", 100 * share); });
    addOfModel("KL divergence (nats)", figures.divergence,
               [](double nats) { return text("%.3e", nats); });
    addOfModel("largest error", figures.maxAbsoluteError,
               [](double error) { return text("%.3e", error); });
    addOfModel("relative to the largest logit", figures.maxRelativeError,
               [](double error) { return text("%.3e", error); });
    addSpeed("tokens per second",
             [](const SpeedFigures &speed) { return text("%.1f", speed.tokensPerSecond); });
    addSpeed("time to load",
             [](const SpeedFigures &speed) { return text("%.3f s", speed.loadSeconds); });
    addSpeed("memory", [](const SpeedFigures &speed) { return formatByteSize(speed.memoryBytes); });
    return std::move(table);
  }

private:
  static std::vector<Table::Column> makeColumns(const EvaluationFigures &figures) {
    std::vector<Table::Column> columns = {{std::to_string(figures.windows) + " × " +
                                           std::to_string(figures.windowTokens) + " tokens"},
                                          {figures.model.name, Table::Align::Right}};
    if (figures.reference)
      columns.push_back({figures.reference->name, Table::Align::Right});
    return columns;
  }

  void add(std::string name, std::string model, std::string reference) {
    std::vector<std::string> cells = {std::move(name), std::move(model)};
    if (figures.reference)
      cells.push_back(std::move(reference));
    table.addRow(std::move(cells));
  }

  void addOfEach(bool isThere, const char *name,
                 const std::function<std::string(const ModelFigures &)> &cell) {
    if (isThere)
      add(name, cell(figures.model), figures.reference ? cell(*figures.reference) : "");
  }
  void addSpeed(const char *name, const std::function<std::string(const SpeedFigures &)> &cell) {
    addOfEach(!!figures.model.speed, name,
              [&](const ModelFigures &model) { return cell(*model.speed); });
  }
  void addOfModel(const char *name, const std::optional<double> &figure,
                  const std::function<std::string(double)> &cell) {
    if (figure)
      add(name, cell(*figure), "");
  }

  const EvaluationFigures &figures;
  Table table;
};

} // namespace

Table makeTable(const EvaluationFigures &figures) { return FigureRows(figures).make(); }

} // namespace optrun::evaluate

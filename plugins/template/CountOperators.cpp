// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The pass count-operators: a table of the operators that each component uses.

#include "optrun/Plugin/Plugin.h"

#include <map>

namespace {

/// What users write in a recipe. bind() is all there is to parsing, checking and documenting it.
struct CountOperatorsOptions {
  int64_t least = 1;

  static void bind(optrun::OptionBinder<CountOperatorsOptions> &bind) {
    bind.option("least", &CountOperatorsOptions::least,
                "Leave out operators that occur less often than this.")
        .min(1);
  }
};

class CountOperators final : public optrun::PackagePass {
public:
  using Options = CountOperatorsOptions;

  static optrun::PassInfo info() {
    return {.id = "count-operators",
            .summary = "Prints how often each component uses each operator.",
            .description = "Counts the nodes of each component, not those of nested graphs."};
  }

  explicit CountOperators(Options options) : options(options) {}

  llvm::Error run(optrun::ir::Package &package, optrun::PassContext &context) override {
    optrun::Table table({{"component"}, {"operator"}, {"nodes", optrun::Table::Align::Right}});
    int64_t nodes = 0;
    for (const auto &component : package.components) {
      std::map<std::string, int64_t> counts; // in order, so that every run prints the same
      for (const optrun::ir::Node &node : component->graph.nodes())
        ++counts[node.opType().str()];
      for (const auto &[operatorName, count] : counts) {
        nodes += count;
        if (count >= options.least)
          table.addRow({component->name, operatorName, std::to_string(count)});
      }
    }
    context.statistic("nodes", nodes);
    context.result(table);
    return llvm::Error::success();
  }

private:
  Options options;
};

} // namespace

OPTRUN_PLUGIN("count-operators", "1.0.0", CountOperators);

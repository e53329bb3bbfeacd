// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// --time-passes and --stats.

#include "optrun/Pass/PassManager.h"
#include "optrun/Support/ByteSize.h"

#include "llvm/Support/FormatVariadic.h"

using namespace optrun;

static std::string seconds(double value) { return llvm::formatv("{0:F3}", value); }

void optrun::printTimes(const RunResult &result, llvm::raw_ostream &os) {
  using Align = Table::Align;
  Table table({{"pass"},
               {"wall s", Align::Right},
               {"CPU s", Align::Right},
               {"memory", Align::Right},
               {"peak so far", Align::Right}});
  RunObserver::PassUsage total;
  for (const PassReport &pass : result.passes) {
    const RunObserver::PassUsage &usage = pass.usage;
    table.addRow({pass.name, seconds(usage.wallSeconds), seconds(usage.cpuSeconds),
                  formatByteSize(usage.rssBytes), formatByteSize(usage.peakRssBytes)});
    total.wallSeconds += usage.wallSeconds;
    total.cpuSeconds += usage.cpuSeconds;
    total.peakRssBytes = usage.peakRssBytes;
  }
  table.addRule();
  table.addRow({"total", seconds(total.wallSeconds), seconds(total.cpuSeconds), "",
                formatByteSize(total.peakRssBytes)});
  table.print(os);
}

void optrun::printStatistics(const RunResult &result, llvm::raw_ostream &os) {
  Table table({{"pass"}, {"statistic"}, {"value", Table::Align::Right}});
  for (const PassReport &pass : result.passes)
    for (const auto &[name, value] : pass.statistics)
      table.addRow({pass.name, name, std::to_string(value)});
  table.print(os);
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Any text gives rows or an error. Rows can be written, and reading that gives them again.

#include "optrun/Results/CostCsv.h"

#include <cstdlib>

using namespace optrun;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto csv = parseCostCsv({reinterpret_cast<const char *>(data), size}, "fuzz.csv");
  if (!csv) {
    llvm::consumeError(csv.takeError());
    return 0;
  }
  totalCost(csv->rows);
  // Last in a file, a module of this name is taken for the totals.
  if (!csv->rows.empty() && llvm::StringRef(csv->rows.back().module).equals_insensitive("total"))
    return 0;
  auto again = llvm::cantFail(parseCostCsv(printCostCsv(csv->rows), "again.csv"));
  if (again.rows != csv->rows)
    abort();
  return 0;
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Cost models as CSV: ours, and those that other tools write. docs/cost-model.md has the columns.

#ifndef OPTRUN_RESULTS_COSTCSV_H
#define OPTRUN_RESULTS_COSTCSV_H

#include "optrun/Results/CostModel.h"

#include "llvm/Support/Error.h"

namespace optrun {

/// Which columns are written.
enum class CostColumns {
  All,      // the published ones, then ours
  Published // module,num_params,num_bytes,num_flops
};

/// One row for each module; no row for totals, which other tools would take for a module. Counts
/// above 2^63 - 1 are written as that. The same bytes for the same rows.
std::string printCostCsv(llvm::ArrayRef<ModuleCost> rows, CostColumns columns = CostColumns::All);

/// True for a text that starts with the published columns, as all do that printCostCsv() writes.
bool isCostCsv(llvm::StringRef text);

struct CostCsv {
  std::vector<ModuleCost> rows; // in the order of the file
  /// Whether the file has our columns; else they are 0 and tied weights are not told.
  bool hasOwnColumns = false;
  /// Columns that are not known, a row of totals that does not add up.
  std::vector<std::string> warnings;
};

/// Reads a CSV with a line of column names: at least module and num_bytes, in any order. Takes
/// counts with decimals ("32000.0"; fractions are rounded up), quoted fields (RFC 4180), a byte
/// order mark, lines that end with CR LF, empty lines; leaves a last row called "total" out.
/// Refuses counts that are no numbers, negative or larger than 2^63 - 1, modules without a name or
/// with two rows. Errors begin with "\p name:line: ".
llvm::Expected<CostCsv> parseCostCsv(llvm::StringRef text, llvm::StringRef name);
llvm::Expected<CostCsv> readCostCsv(llvm::StringRef path);

} // namespace optrun

#endif // OPTRUN_RESULTS_COSTCSV_H

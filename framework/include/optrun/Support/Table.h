// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Plain-text tables for results.

#ifndef OPTRUN_SUPPORT_TABLE_H
#define OPTRUN_SUPPORT_TABLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace optrun {

class Table {
public:
  enum class Align { Left, Right };
  struct Column {
    std::string title;
    Align align = Align::Left;
  };

  explicit Table(std::vector<Column> columns) : columns(std::move(columns)) {}
  /// As many cells as columns.
  void addRow(std::vector<std::string> cells);
  /// A rule before the next row (totals).
  void addRule();
  void print(llvm::raw_ostream &os) const;

private:
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows; // an empty row is a rule
};

} // namespace optrun

#endif // OPTRUN_SUPPORT_TABLE_H

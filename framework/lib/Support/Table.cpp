// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Laying out a plain-text table.

#include "optrun/Support/Table.h"

#include "llvm/Support/Unicode.h"

#include <algorithm>
#include <cassert>

namespace optrun {
namespace {

constexpr unsigned gap = 2;

unsigned displayWidth(llvm::StringRef text) {
  int width = llvm::sys::unicode::columnWidthUTF8(text);
  return static_cast<unsigned>(width >= 0 ? width : static_cast<int>(text.size()));
}

} // namespace

void Table::addRow(std::vector<std::string> cells) {
  assert(cells.size() == columns.size() && "a row has as many cells as the table has columns");
  cells.resize(columns.size());
  rows.push_back(std::move(cells));
}

void Table::addRule() { rows.emplace_back(); }

void Table::print(llvm::raw_ostream &os) const {
  std::vector<unsigned> widths;
  for (size_t column = 0; column < columns.size(); ++column) {
    unsigned width = displayWidth(columns[column].title);
    for (const std::vector<std::string> &row : rows)
      if (!row.empty())
        width = std::max(width, displayWidth(row[column]));
    widths.push_back(width);
  }

  auto printLine = [&](auto cellOf) {
    unsigned pending = 0; // blanks are printed before text only: no line ends in blanks
    for (size_t column = 0; column < columns.size(); ++column) {
      std::string cell = cellOf(column);
      unsigned padding = widths[column] - displayWidth(cell);
      bool right = columns[column].align == Align::Right;
      if (right)
        pending += padding;
      if (!cell.empty()) {
        os.indent(pending) << cell;
        pending = 0;
      }
      if (!right)
        pending += padding;
      pending += gap;
    }
    os << '\n';
  };
  auto rule = [&](size_t column) { return std::string(widths[column], '-'); };

  printLine([&](size_t column) { return columns[column].title; });
  printLine(rule);
  for (const std::vector<std::string> &row : rows) {
    if (row.empty())
      printLine(rule);
    else
      printLine([&](size_t column) { return row[column]; });
  }
}

} // namespace optrun

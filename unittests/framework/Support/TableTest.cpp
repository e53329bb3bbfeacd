// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tables as text.

#include "optrun/Support/Table.h"

#include <gtest/gtest.h>

using namespace optrun;

namespace {

std::string printed(const Table &table) {
  std::string text;
  llvm::raw_string_ostream os(text);
  table.print(os);
  return text;
}

TEST(Table, AlignsColumnsWithoutBlanksAtLineEnds) {
  Table table({{"component"}, {"size", Table::Align::Right}, {"checked"}});
  table.addRow({"split_0", "1.32 GB", "yes"});
  table.addRow({"split_1", "9 B", ""});
  table.addRule();
  table.addRow({"total", "1.32 GB", ""});
  EXPECT_EQ(printed(table), "component     size  checked\n"
                            "---------  -------  -------\n"
                            "split_0    1.32 GB  yes\n"
                            "split_1        9 B\n"
                            "---------  -------  -------\n"
                            "total      1.32 GB\n");
}

TEST(Table, MeasuresWidthInColumnsNotBytes) {
  Table table({{"name"}, {"n", Table::Align::Right}});
  table.addRow({"gr\xC3\xB6\xC3\x9F"
                "e",
                "1"});
  EXPECT_EQ(printed(table), "name   n\n"
                            "-----  -\n"
                            "gr\xC3\xB6\xC3\x9F"
                            "e  1\n");
}

TEST(Table, PrintsTitlesOfAnEmptyTable) { EXPECT_EQ(printed(Table({{"pass"}})), "pass\n----\n"); }

} // namespace

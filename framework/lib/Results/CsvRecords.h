// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Comma-separated values (RFC 4180), record by record.

#ifndef OPTRUN_LIB_RESULTS_CSVRECORDS_H
#define OPTRUN_LIB_RESULTS_CSVRECORDS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace optrun {

struct CsvRecord {
  uint64_t line = 0; // of its start, from 1
  std::vector<std::string> fields;
};

/// Takes a byte order mark, LF and CR LF; leaves empty lines out, and space around fields.
class CsvRecords {
public:
  explicit CsvRecords(llvm::StringRef text);

  /// The next record in \p record, nothing at the end. Gives what is wrong with the text.
  std::optional<std::string> next(std::optional<CsvRecord> &record);
  /// Of the record that next() was about.
  uint64_t line() const { return recordLine; }

private:
  std::optional<std::string> readField(std::string &field);

  llvm::StringRef rest;
  uint64_t currentLine = 1, recordLine = 1;
};

/// In quotes where it needs them.
std::string quoteCsvField(llvm::StringRef field);

} // namespace optrun

#endif // OPTRUN_LIB_RESULTS_CSVRECORDS_H

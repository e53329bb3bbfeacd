// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Takes CSV apart.

#include "CsvRecords.h"

namespace optrun {

CsvRecords::CsvRecords(llvm::StringRef text) : rest(text) { rest.consume_front("\xEF\xBB\xBF"); }

std::optional<std::string> CsvRecords::next(std::optional<CsvRecord> &record) {
  record.reset();
  while (rest.consume_front("\n") || rest.consume_front("\r\n"))
    ++currentLine;
  recordLine = currentLine;
  if (rest.empty())
    return std::nullopt;
  record = CsvRecord{currentLine, {}};
  while (true) {
    if (std::optional<std::string> problem = readField(record->fields.emplace_back()))
      return problem;
    if (rest.consume_front(","))
      continue;
    if (rest.consume_front("\r\n") || rest.consume_front("\n"))
      ++currentLine;
    return std::nullopt;
  }
}

std::optional<std::string> CsvRecords::readField(std::string &field) {
  rest = rest.ltrim(" \t");
  if (!rest.consume_front("\"")) {
    const llvm::StringRef plain = rest.take_until([](char c) { return c == ',' || c == '\n'; });
    rest = rest.drop_front(plain.size());
    field = plain.trim().str();
    return std::nullopt;
  }
  while (true) {
    const size_t quote = rest.find('"');
    if (quote == llvm::StringRef::npos)
      return "a quoted field does not end; close the quote";
    field += rest.take_front(quote).str();
    currentLine += rest.take_front(quote).count('\n');
    rest = rest.drop_front(quote + 1);
    if (!rest.consume_front("\""))
      break;
    field += '"';
  }
  rest = rest.ltrim(" \t");
  if (!rest.empty() && rest.front() != ',' && rest.front() != '\n' && !rest.starts_with("\r\n"))
    return "there is text after a quoted field; quotes inside of a field are written twice";
  return std::nullopt;
}

std::string quoteCsvField(llvm::StringRef field) {
  if (field.find_first_of(",\"\r\n") == llvm::StringRef::npos && field == field.trim())
    return field.str();
  std::string quoted = "\"";
  for (char c : field) {
    if (c == '"')
      quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

} // namespace optrun

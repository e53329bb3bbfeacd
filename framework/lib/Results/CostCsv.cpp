// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads and writes cost models as CSV.

#include "optrun/Results/CostCsv.h"

#include "CsvRecords.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"

#include <charconv>
#include <cmath>

namespace optrun {
namespace {

struct CountColumn {
  llvm::StringLiteral name;
  uint64_t ModuleCost::*count;
};

constexpr llvm::StringLiteral ModuleColumn = "module", TiedToColumn = "tied_to",
                              IntensityColumn = "intensity"; // follows from others
constexpr size_t PublishedCounts = 3;
constexpr CountColumn CountColumns[] = {
    {"num_params", &ModuleCost::params},
    {"num_bytes", &ModuleCost::bytes},
    {"num_flops", &ModuleCost::publishedFlops},
    {"stored_bytes", &ModuleCost::storedBytes},
    {"activation_bytes", &ModuleCost::activationBytes},
    {"moved_bytes", &ModuleCost::movedBytes},
    {"kv_cache_bytes", &ModuleCost::cacheBytes},
    {"flops", &ModuleCost::flops},
    {"attention_flops", &ModuleCost::attentionFlops},
    {"tied_params", &ModuleCost::tiedParams},
    {"tied_bytes", &ModuleCost::tiedBytes},
    {"tied_stored_bytes", &ModuleCost::tiedStoredBytes},
};

llvm::ArrayRef<CountColumn> countColumns(CostColumns columns) {
  llvm::ArrayRef<CountColumn> all = CountColumns;
  return columns == CostColumns::All ? all : all.take_front(PublishedCounts);
}

std::string headerOf(CostColumns columns) {
  std::string header = ModuleColumn.str();
  for (const CountColumn &column : countColumns(columns))
    header += "," + column.name.str();
  if (columns == CostColumns::All)
    header += "," + IntensityColumn.str() + "," + TiedToColumn.str();
  return header;
}

constexpr uint64_t MaxCount = std::numeric_limits<int64_t>::max();

/// A count as people and tools write it; nullopt for anything else.
std::optional<uint64_t> parseCount(llvm::StringRef text) {
  uint64_t whole = 0;
  if (!text.getAsInteger(10, whole))
    return whole <= MaxCount ? std::optional(whole) : std::nullopt;
  // "32000.0", "1.31e+08"
  if (text.empty() || !llvm::isDigit(text.front()))
    return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || end != text.end() || !std::isfinite(number))
    return std::nullopt;
  number = std::ceil(number);
  return number < 0x1p63 ? std::optional(static_cast<uint64_t>(number)) : std::nullopt;
}

class Reader {
public:
  Reader(llvm::StringRef text, llvm::StringRef name) : records(text), name(name) {}

  llvm::Expected<CostCsv> run() {
    llvm::Expected<std::optional<CsvRecord>> header = next();
    if (!header)
      return header.takeError();
    if (llvm::Error error = readHeader(*header))
      return error;
    while (true) {
      llvm::Expected<std::optional<CsvRecord>> record = next();
      if (!record)
        return record.takeError();
      if (!*record)
        break;
      if (llvm::Error error = readRow(**record))
        return error;
    }
    compareTotals();
    return std::move(result);
  }

private:
  llvm::Error failure(uint64_t line, const llvm::Twine &message) const {
    return llvm::createStringError(std::make_error_code(std::errc::invalid_argument),
                                   name + ":" + llvm::Twine(line) + ": " + message);
  }

  llvm::Expected<std::optional<CsvRecord>> next() {
    std::optional<CsvRecord> record;
    if (std::optional<std::string> problem = records.next(record))
      return failure(records.line(), *problem);
    return record;
  }

  llvm::Error readHeader(const std::optional<CsvRecord> &header) {
    const std::string expected =
        "; the first line names the columns: " + headerOf(CostColumns::Published) +
        " and more, in any order";
    if (!header)
      return failure(1, "the file is empty" + expected);
    llvm::StringMap<size_t> known;
    for (const auto &[index, field] : llvm::enumerate(header->fields)) {
      if (!known.try_emplace(field, index).second)
        return failure(header->line, "there are two columns '" + field + "'; remove one");
    }
    for (llvm::StringRef required : {llvm::StringRef(ModuleColumn), llvm::StringRef("num_bytes")})
      if (!known.contains(required))
        return failure(header->line, "there is no column '" + required + "'" + expected);
    moduleIndex = known.lookup(ModuleColumn);
    known.erase(ModuleColumn);
    for (const CountColumn &column : CountColumns)
      if (auto found = known.find(column.name); found != known.end()) {
        counts.push_back({found->second, &column});
        known.erase(found);
      }
    result.hasOwnColumns = llvm::any_of(
        counts, [](const auto &count) { return count.second->name == "stored_bytes"; });
    if (auto found = known.find(TiedToColumn); found != known.end())
      tiedToIndex = found->second;
    known.erase(TiedToColumn);
    known.erase(IntensityColumn);
    std::vector<std::string> unknown;
    for (const std::string &field : header->fields)
      if (known.contains(field))
        unknown.push_back("'" + field + "'");
    if (!unknown.empty())
      result.warnings.push_back(name.str() +
                                ": columns that mean nothing here: " + llvm::join(unknown, ", "));
    fieldsOfHeader = header->fields.size();
    return llvm::Error::success();
  }

  llvm::Error readRow(const CsvRecord &record) {
    if (record.fields.size() != fieldsOfHeader)
      return failure(record.line, "the row has " + llvm::Twine(record.fields.size()) +
                                      " fields, the first line " + llvm::Twine(fieldsOfHeader) +
                                      "; names with commas are written in quotes");
    ModuleCost row;
    row.module = record.fields[moduleIndex];
    if (tiedToIndex)
      row.tiedTo = record.fields[*tiedToIndex];
    for (const auto &[index, column] : counts) {
      const llvm::StringRef field = record.fields[index];
      const std::optional<uint64_t> count = parseCount(field);
      if (!count)
        return failure(record.line, "'" + field.take_front(100) + "' in column " + column->name +
                                        " is no count; write a number from 0 to " +
                                        llvm::Twine(MaxCount));
      row.*(column->count) = *count;
    }
    if (row.module.empty())
      return failure(record.line, "the row names no module; name it or remove the row");
    // Not the last one: a module of that name.
    if (totals)
      if (llvm::Error error = addRow(totals->first, std::move(totals->second)))
        return error;
    totals.reset();
    if (!llvm::StringRef(row.module).equals_insensitive("total"))
      return addRow(record.line, std::move(row));
    totals = {record.line, std::move(row)};
    return llvm::Error::success();
  }

  llvm::Error addRow(uint64_t line, ModuleCost row) {
    const auto [first, isNew] = lineOf.try_emplace(row.module, line);
    if (!isNew)
      return failure(line, "module '" + row.module + "' has a row in line " +
                               llvm::Twine(first->second) + " already; remove one");
    result.rows.push_back(std::move(row));
    return llvm::Error::success();
  }

  /// Who wrote the totals may have counted tied weights twice, or rows that have been removed.
  void compareTotals() {
    if (!totals)
      return;
    const ModuleCost sum = totalCost(result.rows);
    for (const auto &[index, column] : counts)
      if (column->name == "num_params" || column->name == "num_bytes")
        if (const uint64_t stated = totals->second.*(column->count); stated != sum.*(column->count))
          result.warnings.push_back((name + ":" + llvm::Twine(totals->first) + ": the total " +
                                     column->name + " " + llvm::Twine(stated) +
                                     " is not the sum of the rows, " +
                                     llvm::Twine(sum.*(column->count)) + ", which is used")
                                        .str());
  }

  CsvRecords records;
  llvm::StringRef name;
  CostCsv result;
  size_t moduleIndex = 0, fieldsOfHeader = 0;
  std::optional<size_t> tiedToIndex;
  std::vector<std::pair<size_t, const CountColumn *>> counts;
  llvm::StringMap<uint64_t> lineOf; // of each module
  std::optional<std::pair<uint64_t, ModuleCost>> totals;
};

} // namespace

std::string printCostCsv(llvm::ArrayRef<ModuleCost> rows, CostColumns columns) {
  std::string text = headerOf(columns) + "\n";
  llvm::raw_string_ostream os(text);
  for (const ModuleCost &row : rows) {
    os << quoteCsvField(row.module);
    for (const CountColumn &column : countColumns(columns))
      os << ',' << std::min(row.*(column.count), MaxCount);
    if (columns == CostColumns::All)
      os << ',' << llvm::format("%.3f", row.intensity()) << ',' << quoteCsvField(row.tiedTo);
    os << '\n';
  }
  return text;
}

bool isCostCsv(llvm::StringRef text) { return text.starts_with(headerOf(CostColumns::Published)); }

llvm::Expected<CostCsv> parseCostCsv(llvm::StringRef text, llvm::StringRef name) {
  return Reader(text, name).run();
}

llvm::Expected<CostCsv> readCostCsv(llvm::StringRef path) {
  // A pipe gives its text once, and a device without an end.
  if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))
    return llvm::createStringError(std::make_error_code(std::errc::invalid_argument),
                                   "'" + path + "' is a folder, device or pipe; name a file");
  auto text = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!text)
    return llvm::createStringError(text.getError(), "cannot read '%s': %s", path.str().c_str(),
                                   text.getError().message().c_str());
  return parseCostCsv((*text)->getBuffer(), path);
}

} // namespace optrun

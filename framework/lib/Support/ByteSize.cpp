// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading and writing byte sizes, in integers throughout: no size is off by a rounding of doubles.

#include "optrun/Support/ByteSize.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <limits>
#include <optional>

namespace optrun {
namespace {

__extension__ using Wide = unsigned __int128;

struct Unit {
  llvm::StringLiteral name;
  uint64_t bytes;
};

constexpr Unit units[] = {
    {"TiB", uint64_t(1) << 40},
    {"TB", 1'000'000'000'000},
    {"GiB", uint64_t(1) << 30},
    {"GB", 1'000'000'000},
    {"MiB", uint64_t(1) << 20},
    {"MB", 1'000'000},
    {"KiB", uint64_t(1) << 10},
    {"KB", 1'000},
    {"B", 1},
};

llvm::Error wrong(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

const Unit *findUnit(llvm::StringRef name) {
  for (const Unit &unit : units)
    if (unit.name.equals_insensitive(name))
      return &unit;
  return nullptr;
}

/// The bytes in one \p unitName, or why there is no such unit.
llvm::Expected<uint64_t> bytesOfUnit(llvm::StringRef unitName, llvm::StringRef text) {
  if (unitName.empty())
    return 1;
  const Unit *unit = findUnit(unitName);
  if (unit && unitName.ends_with("b"))
    return wrong("'" + text + "' ends in a lower-case b, which means bits elsewhere; write " +
                 unit->name);
  if (unit)
    return unit->bytes;
  const Unit *decimal = findUnit((unitName + "B").str());
  if (decimal && decimal->name.size() == 2)
    return wrong("'" + text + "' has no unit of bytes; write " + decimal->name +
                 " (powers of 1000) or " + decimal->name.take_front(1) + "iB (powers of 1024)");
  if (decimal)
    return wrong("'" + text + "' has no unit of bytes; write " + decimal->name);
  return wrong("'" + text +
               "' is not a size; write bytes or a number with a unit: 500MB, 2GB, 1.5GiB");
}

} // namespace

llvm::Expected<ByteSize> parseByteSize(llvm::StringRef text) {
  constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
  llvm::StringRef rest = text;
  llvm::StringRef whole = rest.take_while(llvm::isDigit);
  rest = rest.drop_front(whole.size());
  llvm::StringRef decimals;
  if (rest.consume_front(".")) {
    decimals = rest.take_while(llvm::isDigit);
    rest = rest.drop_front(decimals.size());
    if (decimals.empty())
      whole = {};
  }
  if (whole.empty())
    return wrong("'" + text +
                 "' is not a size; write bytes or a number with a unit: 500MB, 2GB, 1.5GiB");
  llvm::Expected<uint64_t> unit = bytesOfUnit(rest.ltrim(' '), text);
  if (!unit)
    return unit.takeError();
  // Nobody means half a byte: the unit was forgotten.
  if (*unit == 1 && decimals.find_first_not_of('0') != llvm::StringRef::npos)
    return wrong("'" + text + "' is not a whole number of bytes; write it with a unit: " + whole +
                 "." + decimals + "GB");

  Wide bytes = 0;
  for (char digit : whole) {
    bytes = bytes * 10 + static_cast<unsigned>(digit - '0');
    if (bytes > most)
      return wrong("'" + text + "' is more than 64 bits can count");
  }
  bytes *= *unit;
  // The largest unit has 41 bits: digits after the 18th cannot make a byte.
  Wide numerator = 0, denominator = 1;
  for (char digit : decimals.take_front(18)) {
    numerator = numerator * 10 + static_cast<unsigned>(digit - '0');
    denominator *= 10;
  }
  bytes += numerator * *unit / denominator;
  if (bytes > most)
    return wrong("'" + text + "' is more than 64 bits can count");
  return ByteSize{static_cast<uint64_t>(bytes)};
}

std::string formatByteSize(uint64_t bytes) {
  if (bytes < 1000)
    return llvm::formatv("{0} B", bytes);
  static constexpr llvm::StringLiteral names[] = {"KB", "MB", "GB", "TB", "PB", "EB"};
  // Three digits, rounded half up; the rounding may carry into the next unit (999.6 KB is 1.00 MB).
  Wide unit = 1000;
  size_t name = 0;
  while (Wide(bytes) * 10 >= unit * 9995) {
    unit *= 1000;
    ++name;
  }
  for (unsigned decimals = 2, scale = 100;; --decimals, scale /= 10) {
    auto rounded = static_cast<uint64_t>((Wide(bytes) * scale + unit / 2) / unit);
    if (rounded >= 1000 && decimals > 0)
      continue;
    std::string digits = std::to_string(rounded);
    if (decimals > 0)
      digits.insert(digits.size() - decimals, ".");
    return (digits + " " + names[name]).str();
  }
}

std::string printByteSize(ByteSize size) {
  std::string best = std::to_string(size.bytes);
  if (size.bytes == 0)
    return best;
  for (const Unit &unit : units) {
    if (unit.bytes == 1 || size.bytes % unit.bytes != 0)
      continue;
    std::string text = (llvm::Twine(size.bytes / unit.bytes) + unit.name).str();
    // Decimal units come after the binary ones of their size and win when as short.
    if (text.size() < best.size() || (text.size() == best.size() && unit.bytes % 1000 == 0))
      best = std::move(text);
  }
  return best;
}

} // namespace optrun

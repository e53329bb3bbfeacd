// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading scalars in exact forms, with messages that say what to write instead.

#include "Options/Scalars.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace optrun {
namespace {

constexpr size_t longestShown = 60;

llvm::Error wrong(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// The parts of sign, digits, '.', digits, 'e', exponent; nothing when \p text has another form.
struct Decimal {
  bool negative = false;
  llvm::StringRef whole, fraction;
  bool hasPoint = false;
  std::optional<llvm::StringRef> exponent;
};

std::optional<Decimal> splitDecimal(llvm::StringRef text) {
  Decimal result;
  result.negative = text.starts_with("-");
  if (!text.consume_front("-"))
    text.consume_front("+");
  result.whole = text.take_while(llvm::isDigit);
  text = text.drop_front(result.whole.size());
  if (text.consume_front(".")) {
    result.hasPoint = true;
    result.fraction = text.take_while(llvm::isDigit);
    text = text.drop_front(result.fraction.size());
  }
  if (result.whole.empty() && result.fraction.empty())
    return std::nullopt;
  if (text.consume_front_insensitive("e")) {
    llvm::StringRef exponent = text;
    if (!text.consume_front("-"))
      text.consume_front("+");
    if (text.empty() || !llvm::all_of(text, llvm::isDigit))
      return std::nullopt;
    result.exponent = exponent;
    text = {};
  }
  return text.empty() ? std::optional(result) : std::nullopt;
}

bool hasLeadingZero(const Decimal &decimal) {
  return decimal.whole.size() > 1 && decimal.whole.front() == '0';
}

std::string withoutLeadingZeros(llvm::StringRef text) {
  std::string sign;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    sign = text.front() == '-' ? "-" : "";
    text = text.drop_front();
  }
  llvm::StringRef digits = text.ltrim('0');
  return sign + (digits.empty() || !llvm::isDigit(digits.front()) ? "0" : "") + digits.str();
}

/// The error for a node that is no plain scalar, if so. \p what: "an integer".
llvm::Error expectPlain(const ConfigNode &node, llvm::StringRef what) {
  if (node.kind != ConfigNode::Kind::Scalar)
    return wrong("must be " + what + ", not " + describeNode(node));
  if (node.quoted)
    return wrong("must be " + what + ", and " + describeNode(node) +
                 " in quotes is a text; remove the quotes");
  return llvm::Error::success();
}

enum class Exactness { Exact, Fraction, TooLarge };

/// The integer that \p decimal is, exactly.
Exactness toInteger(const Decimal &decimal, int64_t &value) {
  std::string digits = (decimal.whole + decimal.fraction).str();
  int64_t exponent = 0;
  llvm::StringRef significant = llvm::StringRef(digits).ltrim('0');
  if (significant.empty()) {
    value = 0;
    return Exactness::Exact;
  }
  if (decimal.exponent) {
    llvm::StringRef text = *decimal.exponent;
    text.consume_front("+");
    if (text.getAsInteger(10, exponent) || exponent > 1000 || exponent < -1000)
      return text.starts_with("-") ? Exactness::Fraction : Exactness::TooLarge;
  }
  exponent -= static_cast<int64_t>(decimal.fraction.size());
  llvm::StringRef trimmed = significant.rtrim('0');
  exponent += static_cast<int64_t>(significant.size() - trimmed.size());
  if (exponent < 0)
    return Exactness::Fraction;
  if (static_cast<int64_t>(trimmed.size()) + exponent > 19)
    return Exactness::TooLarge;
  std::string text = (decimal.negative ? "-" : "") + trimmed.str() +
                     std::string(static_cast<size_t>(exponent), '0');
  return llvm::StringRef(text).getAsInteger(10, value) ? Exactness::TooLarge : Exactness::Exact;
}

} // namespace

std::string describeNode(const ConfigNode &node) {
  switch (node.kind) {
  case ConfigNode::Kind::Null:
    return "nothing";
  case ConfigNode::Kind::Sequence:
    return "a list";
  case ConfigNode::Kind::Mapping:
    return "a mapping";
  case ConfigNode::Kind::Error:
  case ConfigNode::Kind::Scalar:
    break;
  }
  // One line, and not all of a long text.
  std::string shown = node.scalar;
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  if (shown.size() <= longestShown)
    return "'" + shown + "'";
  size_t end = longestShown;
  while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80)
    --end;
  return "'" + shown.substr(0, end) + "...'";
}

llvm::Expected<bool> readBool(const ConfigNode &node) {
  if (llvm::Error error = expectPlain(node, "true or false"))
    return error;
  if (node.scalar == "true" || node.scalar == "false")
    return node.scalar == "true";
  std::string lower = llvm::StringRef(node.scalar).lower();
  llvm::StringRef meant = llvm::StringSwitch<llvm::StringRef>(lower)
                              .Cases("yes", "on", "y", "true", "1", "enabled", "true")
                              .Cases("no", "off", "n", "false", "0", "disabled", "false")
                              .Default("");
  return wrong("must be true or false, not " + describeNode(node) +
               (meant.empty() ? "" : "; write " + meant));
}

llvm::Expected<int64_t> readInteger(const ConfigNode &node) {
  if (llvm::Error error = expectPlain(node, "an integer"))
    return error;
  std::optional<Decimal> decimal = splitDecimal(node.scalar);
  if (!decimal) {
    std::string digits = node.scalar;
    llvm::erase_if(digits, [](char c) { return c == '_' || c == ',' || c == '\''; });
    bool grouped = digits.size() < node.scalar.size() && looksLikeInteger(digits);
    return wrong("must be an integer, not " + describeNode(node) +
                 (grouped ? "; write " + digits : ""));
  }
  if (hasLeadingZero(*decimal))
    return wrong("must be an integer without leading zeros, which YAML 1.1 reads as octal; write " +
                 withoutLeadingZeros(node.scalar));
  int64_t value = 0;
  switch (toInteger(*decimal, value)) {
  case Exactness::Exact:
    return value;
  case Exactness::Fraction:
    return wrong("must be an integer, not " + describeNode(node));
  case Exactness::TooLarge:
    return wrong("must fit in 64 bits, and " + describeNode(node) + " does not");
  }
  return value;
}

llvm::Expected<double> readFloat(const ConfigNode &node) {
  if (llvm::Error error = expectPlain(node, "a number"))
    return error;
  std::optional<Decimal> decimal = splitDecimal(node.scalar);
  if (!decimal) {
    std::string lower = llvm::StringRef(node.scalar).ltrim("+-.").lower();
    return wrong((lower == "inf" || lower == "infinity" || lower == "nan")
                     ? "must be a finite number, not " + describeNode(node)
                     : "must be a number, not " + describeNode(node));
  }
  if (hasLeadingZero(*decimal))
    return wrong("must be a number without leading zeros; write " +
                 withoutLeadingZeros(node.scalar));
  llvm::StringRef text = node.scalar;
  text.consume_front("+");
  double value = 0;
  auto [end, code] = std::from_chars(text.begin(), text.end(), value);
  if (code != std::errc() || end != text.end())
    return wrong("must be a number that 64 bits can hold, and " + describeNode(node) + " is not");
  return value;
}

llvm::Expected<ByteSize> readByteSize(const ConfigNode &node) {
  if (node.kind != ConfigNode::Kind::Scalar)
    return wrong("must be a size like 500MB, 2GB or 1.5GiB, not " + describeNode(node));
  llvm::Expected<ByteSize> size = parseByteSize(node.scalar);
  if (size)
    return size;
  return wrong("must be a size: " + llvm::toString(size.takeError()));
}

llvm::Expected<std::string> readText(const ConfigNode &node) {
  if (node.kind != ConfigNode::Kind::Scalar)
    return wrong("must be a text, not " + describeNode(node));
  return node.scalar;
}

llvm::Expected<std::string> readPath(const ConfigNode &node) {
  if (node.kind != ConfigNode::Kind::Scalar)
    return wrong("must be a path, not " + describeNode(node));
  return resolvePath(node.scalar, node.baseFolder);
}

std::string resolvePath(llvm::StringRef path, llvm::StringRef baseFolder) {
  if (path.empty() || llvm::sys::path::is_absolute(path) || baseFolder.empty())
    return path.str();
  while (path.consume_front("./"))
    path = path.ltrim('/');
  llvm::SmallString<128> result(baseFolder);
  if (!path.empty() && path != ".")
    llvm::sys::path::append(result, path);
  return std::string(result);
}

bool looksLikeNumber(llvm::StringRef text) {
  std::optional<Decimal> decimal = splitDecimal(text);
  return decimal && !hasLeadingZero(*decimal);
}

bool looksLikeInteger(llvm::StringRef text) {
  std::optional<Decimal> decimal = splitDecimal(text);
  return decimal && !hasLeadingZero(*decimal) && !decimal->hasPoint && !decimal->exponent;
}

std::string printFloat(double value) {
  char text[32];
  auto [end, code] = std::to_chars(text, text + sizeof(text), value);
  return code == std::errc() ? std::string(text, end) : "0";
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads the few of Python's literals that NumPy writes into headers (numpy/lib/format.py).

#include "NpyHeader.h"

#include "Messages.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace optrun::checkpoint {
namespace {

constexpr size_t MaxRank = 64; // NumPy 2's

ir::DataType typeOf(llvm::StringRef kindAndSize) {
  return llvm::StringSwitch<ir::DataType>(kindAndSize)
      .Case("b1", ir::DataType::Bool)
      .Case("i1", ir::DataType::Int8)
      .Case("i2", ir::DataType::Int16)
      .Case("i4", ir::DataType::Int32)
      .Case("i8", ir::DataType::Int64)
      .Case("u1", ir::DataType::UInt8)
      .Case("u2", ir::DataType::UInt16)
      .Case("u4", ir::DataType::UInt32)
      .Case("u8", ir::DataType::UInt64)
      .Case("f2", ir::DataType::Float16)
      .Case("f4", ir::DataType::Float32)
      .Case("f8", ir::DataType::Float64)
      .Default(ir::DataType::Undefined);
}

/// "<i8": byte order, kind, bytes.
llvm::Expected<ir::DataType> parseDescription(llvm::StringRef description) {
  llvm::StringRef kindAndSize = description.drop_front(description.empty() ? 0 : 1);
  ir::DataType type = typeOf(kindAndSize);
  if (type != ir::DataType::Undefined && description.front() == '>')
    return makeError("its numbers are big-endian (" + inQuotes(description) +
                     "): save the array as '<" + kindAndSize + "'");
  const bool isSingleByte = ir::bitWidth(type) == 8;
  if (type == ir::DataType::Undefined || (description.front() != '<' && !isSingleByte))
    return makeError("its elements are of the type " + inQuotes(description) +
                     ", which is none of the numbers that can be read");
  return type;
}

class HeaderParser {
public:
  explicit HeaderParser(llvm::StringRef text) : text(text), rest(text) {}

  llvm::Expected<NpyHeader> parse() {
    bool good = take('{');
    while (good && !take('}'))
      good = entry() && (take(',') || peek('}'));
    if (!problem.empty())
      return makeError(problem);
    skipBlanks();
    if (!good || !rest.empty())
      return damaged();
    if (!hasType || !hasOrder || !hasShape)
      return makeError("its header lacks 'descr', 'fortran_order' or 'shape'");
    if (isFortran && header.dims.size() > 1)
      return makeError("its elements are in Fortran order: save numpy.ascontiguousarray(…) of it");
    return std::move(header);
  }

private:
  void skipBlanks() { rest = rest.ltrim(" \n"); }
  bool peek(char c) {
    skipBlanks();
    return rest.starts_with(llvm::StringRef(&c, 1));
  }
  bool take(char c) { return peek(c) && rest.consume_front(llvm::StringRef(&c, 1)); }

  llvm::Error damaged() const {
    return makeError("its header is damaged or none, at byte " +
                     llvm::Twine(text.size() - rest.size()) + " of its text");
  }

  /// 'descr': value. False for other text; problem is set where there is more to say.
  bool entry() {
    llvm::StringRef key;
    if (!string(key) || !take(':'))
      return false;
    if (key == "descr" && !hasType)
      return hasType = description();
    if (key == "fortran_order" && !hasOrder)
      return hasOrder = boolean(isFortran);
    if (key == "shape" && !hasShape)
      return hasShape = shape();
    return fail("its header has the entry " + inQuotes(key) + ", which is unknown or given twice");
  }

  /// Without escapes: no key and no type of numbers has one.
  bool string(llvm::StringRef &value) {
    skipBlanks();
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"'))
      return false;
    size_t end = rest.find(rest.front(), 1);
    if (end == llvm::StringRef::npos)
      return false;
    value = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return !value.contains('\\');
  }

  bool boolean(bool &value) {
    skipBlanks();
    value = rest.starts_with("True");
    return rest.consume_front("True") || rest.consume_front("False");
  }

  bool description() {
    if (peek('['))
      return fail("its elements are structures, not numbers");
    llvm::StringRef text;
    if (!string(text))
      return false;
    llvm::Expected<ir::DataType> type = parseDescription(text);
    if (!type)
      return fail(llvm::toString(type.takeError()));
    header.type = *type;
    return true;
  }

  /// (), (3,), (3, 4): as Python does, a tuple of one needs its comma.
  bool shape() {
    if (!take('('))
      return false;
    bool endedInComma = true;
    while (!take(')')) {
      if (!endedInComma || !extent())
        return false;
      endedInComma = take(',');
    }
    return header.dims.size() != 1 || endedInComma;
  }

  bool extent() {
    skipBlanks();
    llvm::StringRef digits = rest.take_while(llvm::isDigit);
    int64_t value = 0;
    if (digits.getAsInteger(10, value))
      return false; // none, or more than 2^63 - 1
    rest = rest.drop_front(digits.size());
    header.dims.push_back(value);
    return header.dims.size() <= MaxRank ||
           fail("its array has more than " + llvm::Twine(MaxRank) + " dimensions");
  }

  bool fail(const llvm::Twine &message) {
    problem = message.str();
    return false;
  }

  llvm::StringRef text, rest;
  NpyHeader header;
  std::string problem;
  bool hasType = false, hasOrder = false, hasShape = false, isFortran = false;
};

} // namespace

llvm::Expected<NpyHeader> parseNpyHeader(llvm::StringRef text) {
  return HeaderParser(text).parse();
}

} // namespace optrun::checkpoint

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A recursive-descent evaluator of symbolic dimensions.

#include "optrun/Analysis/DimensionExpression.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace llvm;

namespace optrun {
namespace {

using Result = std::optional<int64_t>;

bool isSymbolCharacter(char c) { return isAlnum(c) || c == '_' || c == '.' || c == ':'; }

class Evaluator {
public:
  Evaluator(StringRef text, const SymbolTable &symbols) : rest(text), symbols(symbols) {}

  Result evaluate() {
    Result value = sum();
    skipSpace();
    return rest.empty() ? value : std::nullopt;
  }

private:
  /// Nested parentheses come from a file: bound the recursion.
  static constexpr unsigned MaxDepth = 64;

  void skipSpace() { rest = rest.ltrim(); }

  bool consume(StringRef token) {
    skipSpace();
    return rest.consume_front(token);
  }

  Result sum() {
    Result value = product();
    while (value) {
      bool add = consume("+");
      if (!add && !consume("-"))
        return value;
      Result right = product();
      int64_t result = 0;
      if (!right || (add ? __builtin_add_overflow(*value, *right, &result)
                         : __builtin_sub_overflow(*value, *right, &result)))
        return std::nullopt;
      value = result;
    }
    return value;
  }

  Result product() {
    Result value = factor();
    while (value) {
      if (consume("*")) {
        Result right = factor();
        int64_t result = 0;
        if (!right || __builtin_mul_overflow(*value, *right, &result))
          return std::nullopt;
        value = result;
      } else if (consume("//") || consume("/")) {
        value = divide(*value, factor());
      } else if (consume("%")) {
        value = modulo(*value, factor());
      } else {
        return value;
      }
    }
    return value;
  }

  /// Rounds down, as Python's // does. Negative divisors do not occur in shapes.
  static Result divide(int64_t left, Result right) {
    if (!right || *right <= 0)
      return std::nullopt;
    int64_t quotient = left / *right;
    return left % *right < 0 ? quotient - 1 : quotient;
  }

  /// What divide() leaves: never negative.
  static Result modulo(int64_t left, Result right) {
    if (!right || *right <= 0)
      return std::nullopt;
    const int64_t rest = left % *right;
    return rest < 0 ? rest + *right : rest;
  }

  Result factor() {
    if (++depth > MaxDepth)
      return std::nullopt;
    Result value = primary();
    --depth;
    return value;
  }

  Result primary() {
    if (consume("(")) {
      Result value = sum();
      return consume(")") ? value : std::nullopt;
    }
    skipSpace();
    StringRef word = rest.take_while(isSymbolCharacter);
    rest = rest.drop_front(word.size());
    if (word.empty())
      return std::nullopt;
    if ((word == "Min" || word == "Max" || word == "min" || word == "max") && consume("("))
      return extremum(word.lower() == "min");
    int64_t number = 0;
    if (isDigit(word.front()))
      return word.getAsInteger(10, number) ? std::nullopt : Result(number);
    auto symbol = symbols.find(word);
    return symbol == symbols.end() ? std::nullopt : Result(symbol->second);
  }

  Result extremum(bool least) {
    Result value = sum();
    while (value && consume(",")) {
      Result next = sum();
      if (!next)
        return std::nullopt;
      value = least ? std::min(*value, *next) : std::max(*value, *next);
    }
    return consume(")") ? value : std::nullopt;
  }

  StringRef rest;
  const SymbolTable &symbols;
  unsigned depth = 0;
};

} // namespace

bool isExpression(StringRef text) { return text.find_first_of("+*/%() ") != StringRef::npos; }

std::optional<int64_t> evaluateDimension(StringRef text, const SymbolTable &symbols) {
  auto known = symbols.find(text);
  if (known != symbols.end())
    return known->second;
  return Evaluator(text, symbols).evaluate();
}

} // namespace optrun

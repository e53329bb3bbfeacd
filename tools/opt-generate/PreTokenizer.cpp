// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// GPT-2's division of text, without regular expressions.

#include "PreTokenizer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

namespace optrun::generate {
namespace {

enum class Kind { Letter, Digit, Blank, Other };

struct Range {
  uint32_t first, last;
};

bool isIn(ArrayRef<Range> ranges, uint32_t code) {
  return any_of(ranges, [&](Range range) { return range.first <= code && code <= range.last; });
}

Kind kindOf(uint32_t code) {
  constexpr Range Blanks[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},
                              {0xA0, 0xA0},     {0x2000, 0x200A}, {0x2028, 0x2029},
                              {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
  constexpr Range Symbols[] = {
      {0xA1, 0xA9},     {0xAB, 0xB1},      {0xB4, 0xB4},     {0xB6, 0xB8},     {0xBB, 0xBB},
      {0xBF, 0xBF},     {0xD7, 0xD7},      {0xF7, 0xF7},     {0x200B, 0x206F}, {0x20A0, 0x20CF},
      {0x2190, 0x245F}, {0x2500, 0x2BFF},  {0x3001, 0x3004}, {0x3008, 0x3020}, {0xFE00, 0xFE0F},
      {0xFF01, 0xFF0F}, {0x1F000, 0x1FAFF}};
  if (isIn(Blanks, code))
    return Kind::Blank;
  if (code < 0x80)
    return isAlpha(static_cast<char>(code))   ? Kind::Letter
           : isDigit(static_cast<char>(code)) ? Kind::Digit
                                              : Kind::Other;
  return isIn(Symbols, code) ? Kind::Other : Kind::Letter;
}

struct Character {
  Kind kind = Kind::Other;
  size_t offset = 0, length = 0; // bytes
};

/// Bytes that are no UTF-8 are characters of their own.
std::vector<Character> charactersOf(StringRef text) {
  std::vector<Character> characters;
  const auto *begin = reinterpret_cast<const UTF8 *>(text.data());
  for (const UTF8 *next = begin, *end = begin + text.size(); next != end;) {
    const UTF8 *start = next;
    UTF32 code = 0;
    const bool isValid = convertUTF8Sequence(&next, end, &code, strictConversion) == conversionOK;
    if (!isValid)
      next = start + 1;
    characters.push_back({isValid ? kindOf(code) : Kind::Other, static_cast<size_t>(start - begin),
                          static_cast<size_t>(next - start)});
  }
  return characters;
}

/// Finds one piece after the other in some of a text's characters.
class Divider {
public:
  Divider(StringRef text, ArrayRef<Character> characters) : text(text), characters(characters) {}

  void divide(std::vector<StringRef> &pieces) {
    while (!characters.empty()) {
      const ArrayRef<Character> piece = characters.take_front(lengthOfPiece());
      const size_t begin = piece.front().offset;
      pieces.push_back(text.slice(begin, piece.back().offset + piece.back().length));
      characters = characters.drop_front(piece.size());
    }
  }

private:
  size_t lengthOfPiece() const {
    if (size_t length = lengthOfContraction())
      return length;
    const size_t spaces = rest().starts_with(" ") ? 1 : 0;
    if (spaces < characters.size() && characters[spaces].kind != Kind::Blank)
      return spaces + lengthOfRun(spaces);
    const size_t blanks = lengthOfRun(0);
    const bool isFollowed = blanks < characters.size();
    return isFollowed && blanks > 1 ? blanks - 1 : blanks;
  }

  size_t lengthOfContraction() const {
    for (StringRef contraction : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
      if (contraction.size() <= characters.size() && rest().starts_with(contraction))
        return contraction.size();
    return 0;
  }

  size_t lengthOfRun(size_t begin) const {
    const Kind kind = characters[begin].kind;
    return characters.drop_front(begin)
        .take_while([&](const Character &each) { return each.kind == kind; })
        .size();
  }

  StringRef rest() const { return text.substr(characters.front().offset); }

  StringRef text;
  ArrayRef<Character> characters;
};

} // namespace

std::vector<StringRef> divideText(StringRef text, Digits digits) {
  const std::vector<Character> characters = charactersOf(text);
  std::vector<StringRef> pieces;
  ArrayRef<Character> rest = characters;
  auto isSingle = [&](const Character &each) {
    return digits == Digits::Single && each.kind == Kind::Digit;
  };
  while (!rest.empty()) {
    const bool isDigit = isSingle(rest.front());
    const ArrayRef<Character> part = isDigit ? rest.take_front() : rest.take_until(isSingle);
    Divider(text, part).divide(pieces);
    rest = rest.drop_front(part.size());
  }
  return pieces;
}

} // namespace optrun::generate

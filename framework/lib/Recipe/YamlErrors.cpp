// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What is wrong with a text that is no YAML, in terms of what to write.

#include "Recipe/YamlErrors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

namespace optrun {
namespace {

llvm::StringRef explain(llvm::StringRef message) {
  static const llvm::StringMap<llvm::StringRef> explanations = {
      {"end of map flow not found", "expected ',' or '}' in this { } mapping"},
      {"end of sequence flow not found", "expected ',' or ']' in this [ ] list"},
      {"end of map not found", "expected a key of the mapping above; check the indentation"},
      {"end of sequence not found", "expected '- ' as above; check the indentation"},
      {"illegal map value",
       "a ':' cannot stand here; check the indentation, or quote the text that it is part of"},
      {"illegal map key", "a key cannot stand here; check the indentation"},
      {"illegal block entry",
       "a list item ('- ') cannot stand here; start it on a line of its own"},
      {"illegal flow end", "there is no '{' or '[' that this closes"},
      {"unknown token", "a text cannot start with this character; quote it"},
      {"the referenced anchor is not defined",
       "'*' starts a YAML alias, and there is no such anchor; quote the text if '*' is part of it"},
      {"alias not found after *", "a text that starts with '*' must be quoted"},
      {"illegal character found while scanning alias",
       "a text that starts with '*' must be quoted"},
      {"anchor not found after &", "a text that starts with '&' must be quoted"},
      {"illegal character found while scanning anchor",
       "a text that starts with '&' must be quoted"},
  };
  auto found = explanations.find(message);
  return found == explanations.end() ? message : found->second;
}

llvm::StringRef lineAround(llvm::StringRef text, size_t offset, size_t &start) {
  size_t newline = text.take_front(offset).rfind('\n');
  start = newline == llvm::StringRef::npos ? 0 : newline + 1;
  return text.substr(start).take_until([](char c) { return c == '\n' || c == '\r'; });
}

/// The offset of the first byte that no YAML file holds, and what it is.
std::optional<std::pair<size_t, std::string>> findForeignByte(llvm::StringRef text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return std::pair(size_t(0), std::string("this is UTF-16; save the file as UTF-8"));
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F)
      return std::pair(i, "a byte 0x" + llvm::utohexstr(byte, /*LowerCase=*/false, /*Width=*/2) +
                              " is no character of a text");
  }
  size_t wrong = 0;
  if (!llvm::json::isUTF8(text, &wrong))
    return std::pair(wrong, std::string("this is not UTF-8"));
  return std::nullopt;
}

} // namespace

bool checkCharacters(llvm::StringRef text, Diagnostics &diagnostics) {
  auto foreign = findForeignByte(text);
  if (foreign)
    diagnostics.error(llvm::SMLoc::getFromPointer(text.data() + foreign->first), foreign->second);
  return !foreign;
}

void reportSyntaxError(llvm::StringRef text, size_t offset, llvm::StringRef message,
                       std::optional<llvm::SMLoc> openCollection, Diagnostics &diagnostics) {
  auto locationAt = [&](size_t at) { return llvm::SMLoc::getFromPointer(text.data() + at); };
  size_t start = 0;
  llvm::StringRef line = lineAround(text, offset, start);
  size_t tab = line.take_while([](char c) { return c == ' ' || c == '\t'; }).find('\t');
  if (tab != llvm::StringRef::npos) {
    diagnostics.error(locationAt(start + tab), "YAML takes no tabs as indentation; use blanks");
    return;
  }
  // In flow style "${name}" ends the value at its '{': the error is right behind the '$'.
  if (offset > 0 && text[offset - 1] == '$' && text.substr(offset).starts_with("{")) {
    diagnostics.error(locationAt(offset - 1),
                      "inside { } and [ ] a '${name}' must be quoted: \"${name}\"");
    return;
  }
  if (message.ends_with("flow not found") && openCollection &&
      text.substr(offset).trim(" \t\r\n").empty()) {
    llvm::StringRef bracket(openCollection->getPointer(), 1);
    diagnostics.error(*openCollection, "this '" + bracket + "' is not closed");
    return;
  }
  if (text.substr(offset).starts_with("?")) {
    diagnostics.error(locationAt(offset), "inside { } and [ ] a text with '?' must be quoted");
    return;
  }
  llvm::StringRef escape = message;
  if (escape.consume_front("unknown escape character: ") && offset >= 2) {
    diagnostics.error(locationAt(offset - 2), "'\\" + escape +
                                                  "' is no escape; use single quotes, or double "
                                                  "the '\\'");
    return;
  }
  bool isBehind = offset > 0 && message.contains(" not found after "); // behind the '*' or '&'
  diagnostics.error(locationAt(isBehind ? offset - 1 : offset), explain(message));
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Configuration nodes as YAML and as JSON.

#include "optrun/Options/ConfigPrinter.h"

#include "Options/Scalars.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

namespace optrun {
namespace {

constexpr size_t lineWidth = 100;

/// Would a YAML reader (1.1 or 1.2) take this plain text for something other than a text?
bool looksTyped(llvm::StringRef text) {
  std::string lower = text.lower();
  for (llvm::StringRef word : {"true", "false", "null", "~", "yes", "no", "on", "off", "y", "n",
                               ".inf", "-.inf", "+.inf", ".nan"})
    if (lower == word)
      return true;
  // Numbers in any base and notation, dates and times.
  bool numeric = llvm::isDigit(lower.front()) ||
                 (lower.size() > 1 && llvm::StringRef("+-.").contains(lower.front()));
  return numeric && llvm::any_of(lower, llvm::isDigit) &&
         lower.find_first_not_of("0123456789abcdefox_.,:+-tz ") == std::string::npos;
}

/// Can \p text stand without quotes, in flow style too?
bool isPlain(llvm::StringRef text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text == "<<" || text == "=")
    return false;
  if (llvm::StringRef("-?:,[]{}#&*!|>'\"%@`").contains(text.front()) &&
      !(text.size() > 1 && text.front() == '-' && llvm::isDigit(text[1])))
    return false;
  // yaml-cpp ends a text in flow style at '?', too.
  if (text.find_first_of(",[]{}?") != llvm::StringRef::npos || text.starts_with("..."))
    return false;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F)
      return false;
    if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' '))
      return false;
    if (text[i] == '#' && text[i - 1] == ' ')
      return false;
  }
  return true;
}

std::string quoted(llvm::StringRef text) {
  bool needsEscapes = llvm::any_of(text, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  std::string result;
  if (!needsEscapes) {
    result = "'";
    for (char c : text)
      result += c == '\'' ? "''" : std::string(1, c);
    return result + "'";
  }
  result = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      result += "\\n";
    else if (c == '\t')
      result += "\\t";
    else if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (byte < 0x20 || byte == 0x7F)
      result += "\\x" + llvm::toHex(llvm::StringRef(&c, 1), /*LowerCase=*/true);
    else
      result += c;
  }
  return result + "\"";
}

std::string scalarText(llvm::StringRef text, bool isText) {
  bool plain = isPlain(text) && !(isText && looksTyped(text));
  return plain ? text.str() : quoted(text);
}

void printBlock(const ConfigNode &node, llvm::raw_ostream &os, unsigned indent);

/// What follows "key:" or "-": on the same line when it fits, else below.
void printAfter(const ConfigNode &node, llvm::raw_ostream &os, unsigned indent, size_t column) {
  std::string flow = toFlowYaml(node);
  bool isCollection = !node.items.empty() || !node.entries.empty();
  if (!isCollection || column + 1 + flow.size() <= lineWidth) {
    os << ' ' << flow << '\n';
    return;
  }
  os << '\n';
  printBlock(node, os, indent);
}

void printBlock(const ConfigNode &node, llvm::raw_ostream &os, unsigned indent) {
  for (const ConfigEntry &entry : node.entries) {
    std::string key = scalarText(entry.key, /*isText=*/true);
    os.indent(indent) << key << ':';
    printAfter(entry.value, os, indent + 2, indent + key.size() + 1);
  }
  for (const ConfigNode &item : node.items) {
    os.indent(indent) << '-';
    // "- key: value" reads better than "- {key: value}".
    bool fits = indent + 2 + toFlowYaml(item).size() <= lineWidth;
    if (item.entries.empty() || (fits && item.entries.size() > 1)) {
      printAfter(item, os, indent + 2, indent + 1);
      continue;
    }
    std::string block;
    llvm::raw_string_ostream stream(block);
    printBlock(item, stream, indent + 2);
    os << ' ' << llvm::StringRef(block).drop_front(indent + 2);
  }
}

/// A number as JSON writes it (YAML also takes ".5", "5." and "+5").
bool isJsonNumber(llvm::StringRef text) {
  size_t point = text.find('.');
  llvm::StringRef digits = text.ltrim('-');
  return looksLikeNumber(text) && llvm::isDigit(digits.front()) &&
         (point == llvm::StringRef::npos ||
          (point + 1 < text.size() && llvm::isDigit(text[point + 1])));
}

void writeJson(const ConfigNode &node, llvm::json::OStream &json) {
  switch (node.kind) {
  case ConfigNode::Kind::Null:
  case ConfigNode::Kind::Error:
    json.value(nullptr);
    return;
  case ConfigNode::Kind::Scalar:
    if (!node.quoted && (node.scalar == "true" || node.scalar == "false"))
      json.value(node.scalar == "true");
    else if (!node.quoted && isJsonNumber(node.scalar))
      json.rawValue(node.scalar);
    else
      json.value(llvm::json::fixUTF8(node.scalar));
    return;
  case ConfigNode::Kind::Sequence:
    json.array([&] {
      for (const ConfigNode &item : node.items)
        writeJson(item, json);
    });
    return;
  case ConfigNode::Kind::Mapping:
    json.object([&] {
      for (const ConfigEntry &entry : node.entries) {
        json.attributeBegin(llvm::json::fixUTF8(entry.key));
        writeJson(entry.value, json);
        json.attributeEnd();
      }
    });
    return;
  }
}

} // namespace

std::string toFlowYaml(const ConfigNode &node) {
  std::string text;
  switch (node.kind) {
  case ConfigNode::Kind::Null:
  case ConfigNode::Kind::Error:
    return "null";
  case ConfigNode::Kind::Scalar:
    return scalarText(node.scalar, node.quoted);
  case ConfigNode::Kind::Sequence:
    for (const ConfigNode &item : node.items)
      text += (text.empty() ? "" : ", ") + toFlowYaml(item);
    return "[" + text + "]";
  case ConfigNode::Kind::Mapping:
    for (const ConfigEntry &entry : node.entries)
      text += (text.empty() ? "" : ", ") + scalarText(entry.key, /*isText=*/true) + ": " +
              toFlowYaml(entry.value);
    return "{" + text + "}";
  }
  return text;
}

void printYaml(const ConfigNode &node, llvm::raw_ostream &os, unsigned indent) {
  if (node.entries.empty() && node.items.empty())
    os.indent(indent) << toFlowYaml(node) << '\n';
  else
    printBlock(node, os, indent);
}

std::string toJson(const ConfigNode &node) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os);
  writeJson(node, json);
  return text;
}

} // namespace optrun

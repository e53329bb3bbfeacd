// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Collecting and rendering diagnostics. The source line is rendered here rather than by
/// SMDiagnostic, which prints lines of any length, control characters included, and no caret below
/// non-ASCII text.

#include "optrun/Support/Diagnostics.h"

#include "optrun/Support/OptionError.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Unicode.h"
#include "llvm/Support/WithColor.h"

#include <algorithm>

namespace optrun {
namespace {

/// Longer lines are cut to a window of this many bytes around the caret.
constexpr size_t lineWindow = 160;

llvm::StringRef nameOf(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Note:
    return "note";
  case Severity::Remark:
    return "remark";
  }
  return "error";
}

void printKind(Severity severity, llvm::raw_ostream &os) {
  bool disableColors = !os.has_colors();
  switch (severity) {
  case Severity::Error:
    llvm::WithColor::error(os, "", disableColors);
    return;
  case Severity::Warning:
    llvm::WithColor::warning(os, "", disableColors);
    return;
  case Severity::Note:
    llvm::WithColor::note(os, "", disableColors);
    return;
  case Severity::Remark:
    llvm::WithColor::remark(os, "", disableColors);
    return;
  }
}

bool isContinuationByte(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Text from outside may hold escape sequences; a terminal must not see them.
std::string withoutControls(llvm::StringRef text, llvm::StringRef kept) {
  std::string clean;
  for (char each : text) {
    auto byte = static_cast<unsigned char>(each);
    if ((byte < 0x20 && !kept.contains(each)) || byte == 0x7F)
      clean += "\\x" + llvm::toHex(llvm::StringRef(&each, 1), /*LowerCase=*/true);
    else
      clean += each;
  }
  return clean;
}

int displayWidth(llvm::StringRef text) {
  int width = llvm::sys::unicode::columnWidthUTF8(text);
  return width >= 0 ? width : static_cast<int>(text.size());
}

/// The line around \p location and a caret below it.
void printSourceLine(llvm::StringRef buffer, size_t offset, llvm::raw_ostream &os) {
  size_t start = buffer.take_front(offset).find_last_of("\n\r");
  start = start == llvm::StringRef::npos ? 0 : start + 1;
  llvm::StringRef line =
      buffer.drop_front(start).take_until([](char c) { return c == '\n' || c == '\r'; });
  size_t column = offset - start;

  size_t first = 0, end = line.size();
  if (line.size() > lineWindow) {
    first = column > lineWindow / 2 ? column - lineWindow / 2 : 0;
    end = std::min(line.size(), first + lineWindow);
    while (first > 0 && isContinuationByte(line[first]))
      --first;
    while (end < line.size() && isContinuationByte(line[end]))
      ++end;
  }
  // Tabs would move the caret away from its place; one blank each does not.
  auto shown = [&](size_t from, size_t to) {
    std::string text = line.slice(from, to).str();
    std::replace(text.begin(), text.end(), '\t', ' ');
    return withoutControls(text, "");
  };
  std::string before = (first > 0 ? "..." : "") + shown(first, std::min(column, end));
  os << before << shown(std::min(column, end), end) << (end < line.size() ? "..." : "") << '\n';
  os.indent(static_cast<unsigned>(displayWidth(before))) << "^\n";
}

} // namespace

void Diagnostics::printPlace(llvm::SMLoc location, unsigned buffer, llvm::raw_ostream &os) const {
  if (buffer == 0)
    return;
  auto [line, column] = sourceManager.getLineAndColumn(location, buffer);
  os << sourceManager.getMemoryBuffer(buffer)->getBufferIdentifier() << ':' << line << ':' << column
     << ": ";
}

Diagnostics::Diagnostics(llvm::raw_ostream *stream) : stream(stream) {}

void Diagnostics::report(Severity severity, llvm::SMLoc location, const llvm::Twine &message) {
  Diagnostic diagnostic{severity, location, withoutControls(message.str(), "\n\t")};
  std::lock_guard<std::mutex> lock(mutex);
  if (severity == Severity::Error)
    ++errors;
  if (stream) {
    unsigned buffer = location.isValid() ? sourceManager.FindBufferContainingLoc(location) : 0;
    printPlace(location, buffer, *stream);
    printKind(severity, *stream);
    *stream << diagnostic.message << '\n';
    if (buffer != 0) {
      llvm::StringRef text = sourceManager.getMemoryBuffer(buffer)->getBuffer();
      printSourceLine(text, static_cast<size_t>(location.getPointer() - text.data()), *stream);
    }
  }
  diagnostics.push_back(std::move(diagnostic));
}

void Diagnostics::error(llvm::SMLoc location, const llvm::Twine &message) {
  report(Severity::Error, location, message);
}

void Diagnostics::warning(llvm::SMLoc location, const llvm::Twine &message) {
  report(Severity::Warning, location, message);
}

void Diagnostics::note(llvm::SMLoc location, const llvm::Twine &message) {
  report(Severity::Note, location, message);
}

void Diagnostics::error(llvm::Error error) {
  llvm::handleAllErrors(
      std::move(error),
      [&](const OptionError &info) { this->error(info.location(), info.message()); },
      [&](const llvm::ErrorInfoBase &info) { this->error(llvm::SMLoc(), info.message()); });
}

std::string Diagnostics::format(const Diagnostic &diagnostic) const {
  std::lock_guard<std::mutex> lock(mutex); // the source manager caches line numbers
  std::string text;
  llvm::raw_string_ostream os(text);
  if (diagnostic.location.isValid())
    printPlace(diagnostic.location, sourceManager.FindBufferContainingLoc(diagnostic.location), os);
  os << nameOf(diagnostic.severity) << ": " << diagnostic.message;
  return text;
}

} // namespace optrun

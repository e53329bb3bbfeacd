// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Buffered reading with bounds.

#include "GgufCursor.h"

#include "Messages.h"

#include <cstring>

namespace optrun::checkpoint {

/// A vocabulary is some megabytes of strings of a few bytes each.
constexpr uint64_t BufferBytes = 256 * 1024;

bool GgufCursor::fail(const llvm::Twine &message) {
  if (problem.empty())
    problem = message.str();
  next = end;
  return false;
}

llvm::Error GgufCursor::takeError() {
  return problem.empty() ? llvm::Error::success() : makeError(problem);
}

void GgufCursor::take(llvm::MutableArrayRef<uint8_t> out) {
  if (out.size() > remaining()) {
    fail("at byte " + llvm::Twine(next) + ": the file is cut off in its metadata");
    return;
  }
  while (!out.empty()) {
    if (next < bufferOffset || next >= bufferOffset + buffer.size()) {
      buffer.resize(std::min(BufferBytes, remaining()));
      bufferOffset = next;
      if (llvm::Error error = file.read(next, buffer)) {
        buffer.clear();
        fail(llvm::toString(std::move(error)));
        return;
      }
    }
    uint64_t inBuffer = next - bufferOffset;
    size_t count = std::min<uint64_t>(out.size(), buffer.size() - inBuffer);
    std::memcpy(out.data(), buffer.data() + inBuffer, count);
    next += count;
    out = out.drop_front(count);
  }
}

void GgufCursor::skip(uint64_t bytes) {
  if (bytes > remaining())
    fail("at byte " + llvm::Twine(next) + ": the file is cut off in its metadata");
  else
    next += bytes;
}

uint64_t GgufCursor::stringLength(uint64_t maxBytes, llvm::StringRef what) {
  uint64_t at = next, length = number<uint64_t>();
  if (length > maxBytes || length > remaining()) {
    fail("at byte " + llvm::Twine(at) + ": " + what + " claims " + llvm::Twine(length) +
         " bytes; there are " + llvm::Twine(remaining()) + ", and the limit is " +
         llvm::Twine(maxBytes));
    return 0;
  }
  return length;
}

std::string GgufCursor::string(uint64_t maxBytes, llvm::StringRef what) {
  std::string text(stringLength(maxBytes, what), '\0');
  take(llvm::MutableArrayRef(reinterpret_cast<uint8_t *>(text.data()), text.size()));
  return text;
}

void GgufCursor::skipString(uint64_t maxBytes, llvm::StringRef what) {
  skip(stringLength(maxBytes, what));
}

} // namespace optrun::checkpoint

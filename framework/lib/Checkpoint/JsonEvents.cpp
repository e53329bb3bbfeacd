// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Running the JSON parser, and its messages without its decoration.

#include "JsonEvents.h"

namespace optrun::checkpoint {

llvm::Error JsonEvents::read(llvm::StringRef text) {
  // The parser would skip a byte order mark, which nobody else accepts.
  if (text.starts_with("\xef\xbb\xbf"))
    return makeError("it begins with a byte order mark, which JSON must not");
  // It would take a zero byte for the end, and never look at what follows.
  if (size_t zero = text.find('\0'); zero != llvm::StringRef::npos)
    return makeError("it is no valid JSON at byte " + llvm::Twine(zero) + ": a zero byte");
  problem.clear();
  if (nlohmann::json::sax_parse(text.begin(), text.end(), this) && problem.empty())
    return llvm::Error::success();
  return makeError(problem);
}

bool JsonEvents::fail(const llvm::Twine &message) {
  problem = message.str();
  return false;
}

bool JsonEvents::parse_error(size_t position, const std::string & /*token*/,
                             const nlohmann::detail::exception &error) {
  // "[json.exception…] parse error at line 1, column 5: syntax error while … - REASON; last read:
  // '…'": what was read may be the whole file.
  llvm::StringRef reason = llvm::StringRef(error.what()).split("; last read: ").first;
  if (auto [context, cause] = reason.split(" - "); !cause.empty())
    reason = cause;
  else
    reason = "it holds a number that is too large"; // the only error that is not of syntax
  return fail("it is no valid JSON at byte " + llvm::Twine(position) + ": " + reason);
}

} // namespace optrun::checkpoint

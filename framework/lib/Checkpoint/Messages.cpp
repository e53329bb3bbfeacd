// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Names from files, made fit for messages.

#include "Messages.h"

namespace optrun::checkpoint {

std::string inQuotes(llvm::StringRef name) {
  constexpr size_t MaxShown = 120;
  std::string result = "'";
  for (char c : name.take_front(MaxShown))
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  result += name.size() > MaxShown ? "…'" : "'";
  return result;
}

llvm::Error inPlace(const llvm::Twine &place, llvm::Error error) {
  return makeError(place + ": " + llvm::toString(std::move(error)));
}

} // namespace optrun::checkpoint

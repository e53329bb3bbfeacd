// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Errors about checkpoints, and names from files in them.

#ifndef OPTRUN_LIB_CHECKPOINT_MESSAGES_H
#define OPTRUN_LIB_CHECKPOINT_MESSAGES_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace optrun::checkpoint {

inline llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// \p name in quotes, cut when it is very long, without control characters: it comes from a file
/// that anybody may have written, and goes to a terminal.
std::string inQuotes(llvm::StringRef name);

/// \p error with "\p place: " in front.
llvm::Error inPlace(const llvm::Twine &place, llvm::Error error);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_MESSAGES_H

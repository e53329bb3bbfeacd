// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Divides text into the pieces within which a byte-level BPE merges.

#ifndef OPTRUN_TOOLS_OPTGENERATE_PRETOKENIZER_H
#define OPTRUN_TOOLS_OPTGENERATE_PRETOKENIZER_H

#include "llvm/ADT/StringRef.h"

#include <vector>

namespace optrun::generate {

/// What digits are: GPT-2 keeps those of a number together, SmolLM makes each a piece of its own.
enum class Digits { Together, Single };

/// The pieces of \p text, in order, by GPT-2's rule: a contraction, or letters, digits or other
/// characters with at most one space in front, or blanks of which the last goes to what follows.
/// Exact for ASCII; of other characters, those in blocks of symbols count as symbols and all else
/// as letters. Views of \p text.
std::vector<llvm::StringRef> divideText(llvm::StringRef text, Digits digits);

} // namespace optrun::generate

#endif // OPTRUN_TOOLS_OPTGENERATE_PRETOKENIZER_H

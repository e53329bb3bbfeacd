// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Text as token ids and back, with the vocabulary of a GGUF file.

#ifndef OPTRUN_TOOLS_OPTGENERATE_BYTELEVELBPE_H
#define OPTRUN_TOOLS_OPTGENERATE_BYTELEVELBPE_H

#include "PreTokenizer.h"

#include "optrun/Checkpoint/Gguf.h"

#include "llvm/ADT/StringMap.h"

namespace optrun::generate {

/// Byte-level byte-pair encoding, as GPT-2 and its descendants use: each byte of a text is one
/// character, and pairs are merged by rank.
class ByteLevelBpe {
public:
  /// An error that says so when \p file has no vocabulary, or one of another kind.
  static llvm::Expected<ByteLevelBpe> read(const checkpoint::GgufFile &file);

  /// The tokens of \p text, after the token that every text begins with if the model wants one.
  /// What looks like a control token is text like any other.
  llvm::Expected<std::vector<int64_t>> encode(llvm::StringRef text) const;

  /// The bytes of one token: characters may be divided among tokens. Nothing for control tokens.
  llvm::Expected<std::string> decode(int64_t id) const;

  /// Whether nothing comes after this token.
  bool isEnd(int64_t id) const { return id == endOfText; }

private:
  llvm::Error readVocabulary(const checkpoint::GgufFile &file);
  llvm::Error readKind(const checkpoint::GgufFile &file);
  llvm::Error readControlTokens(const checkpoint::GgufFile &file);
  llvm::Error appendTokens(llvm::StringRef piece, std::vector<int64_t> &result) const;

  Digits digits = Digits::Together;
  std::vector<std::string> tokens;
  std::vector<bool> isControl; // of each token
  llvm::StringMap<int64_t> ids;
  llvm::StringMap<size_t> ranks; // of merges: "left right"
  std::optional<int64_t> beginOfText, endOfText;
};

} // namespace optrun::generate

#endif // OPTRUN_TOOLS_OPTGENERATE_BYTELEVELBPE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Token ids in a file, or drawn at random, one window at a time.

#ifndef OPTRUN_TOKENS_TOKENDATA_H
#define OPTRUN_TOKENS_TOKENDATA_H

#include "optrun/IR/Tensor.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace optrun {

/// How the ids in a file are divided. By default, each row is a window.
struct WindowSelection {
  std::optional<std::string> tensor;   ///< of a .safetensors file; not needed when it has one
  std::optional<int64_t> window, rows; ///< tokens of a window, and how many windows to use
};

class TokenData {
public:
  /// Reads what the file says about itself. An error for other files, types and shapes, when there
  /// are no ids, and for windows of a single token.
  static llvm::Expected<TokenData> open(llvm::StringRef path, const WindowSelection &selection);

  /// Windows of ids below \p vocabulary, which is positive, all equally likely: the same ids each
  /// time. \p windows and \p tokens: at least one, below 2^31.
  static TokenData draw(int64_t vocabulary, size_t windows, size_t tokens);

  size_t windowCount() const { return windows; }
  size_t windowTokens() const { return tokens; }
  /// Tokens that fill no window, at the ends of rows whose windows are all used.
  uint64_t leftOver() const { return rest; }

  llvm::Expected<std::vector<int64_t>> read(size_t window) const;

  /// "row 3, position 17", counted from 0.
  std::string describePlace(size_t window, size_t position) const;

  /// Reads all windows and finds ids that are negative or, where known, not below \p vocabulary: an
  /// error that says where the first one is. \p beforeWindow can stop it.
  llvm::Error checkIds(std::optional<int64_t> vocabulary,
                       llvm::function_ref<llvm::Error()> beforeWindow) const;

private:
  uint64_t firstToken(size_t window) const;

  std::string path;
  ir::TensorRef ids;                 // null when they are drawn
  std::optional<int64_t> drawnBelow; // else nullopt
  size_t rowTokens = 0, windows = 0, windowsPerRow = 0, tokens = 0;
  uint64_t rest = 0;
};

} // namespace optrun

#endif // OPTRUN_TOKENS_TOKENDATA_H

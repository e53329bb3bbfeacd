// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checked access to the config.json of a checkpoint.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_MODELCONFIG_H
#define OPTRUN_PASSES_CAPTURE_DECODER_MODELCONFIG_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optrun::decoder {

/// What config.json says, key by key. The file may be hostile: every number is checked when it is
/// read. Problems are collected, so that who describes a family reads key after key and asks
/// takeProblems() once; until then a wrong value reads as a harmless one.
class ModelConfig {
public:
  /// Larger extents (widths, heads, positions) are refused: products of three of them still fit.
  static constexpr int64_t MaxExtent = int64_t{1} << 20;
  static constexpr int64_t MaxVocabulary = int64_t{1} << 24;
  static constexpr int64_t MaxLayers = 4096;
  /// Of contexts and token ids.
  static constexpr int64_t MaxPositions = std::numeric_limits<int32_t>::max();

  /// An error when \p json is no JSON object. Messages call it \p name.
  static llvm::Expected<ModelConfig> parse(llvm::StringRef json,
                                           llvm::StringRef name = "config.json");
  ModelConfig(ModelConfig &&) noexcept;
  ModelConfig &operator=(ModelConfig &&) noexcept;
  ~ModelConfig();

  /// Here and below a key that is null counts as absent: that is how configurations are saved.
  bool has(llvm::StringRef key) const;
  /// Also true when it is null: where a family has a default, null says that there is none.
  bool mentions(llvm::StringRef key) const;

  /// An integer from 1 to \p limit; the key must be there.
  int64_t extent(llvm::StringRef key, int64_t limit = MaxExtent);
  /// The same for a key that need not be there.
  std::optional<int64_t> optionalExtent(llvm::StringRef key, int64_t limit = MaxExtent);
  /// An integer from 0 to MaxExtent.
  std::optional<int64_t> optionalCount(llvm::StringRef key);
  /// A finite number, 0 or more.
  std::optional<double> optionalNumber(llvm::StringRef key);
  /// A finite number above 0.
  double positive(llvm::StringRef key);
  double positive(llvm::StringRef key, double otherwise);
  bool flag(llvm::StringRef key, bool otherwise);
  std::optional<bool> optionalFlag(llvm::StringRef key);
  /// Empty when the key is absent.
  std::string text(llvm::StringRef key);
  /// As many finite numbers above 0 as \p size says.
  std::vector<double> positives(llvm::StringRef key, size_t size);
  /// One token id or a list of them. -1, which stands for none in some checkpoints, is left out.
  std::vector<int64_t> tokens(llvm::StringRef key);
  /// As many strings as \p size says; empty when the key is absent.
  std::vector<std::string> texts(llvm::StringRef key, size_t size);
  /// The object under \p key; problems in it are problems of this one. nullopt when the key is
  /// absent.
  std::optional<ModelConfig> object(llvm::StringRef key);

  /// Records that \p key has a value that cannot be served: "'key' \p problem".
  void reject(llvm::StringRef key, const llvm::Twine &problem);
  /// The same, with the value: "'key' is VALUE; \p problem".
  void rejectValue(llvm::StringRef key, const llvm::Twine &problem);
  /// Rejects \p key unless it is absent or \p supported.
  void expect(llvm::StringRef key, bool supported);

  /// Whether values that were read may be stand-ins for wrong ones.
  bool hasProblems() const;
  /// All problems so far, one a line.
  llvm::Error takeProblems();

private:
  struct State;
  std::optional<int64_t> integer(llvm::StringRef key, int64_t least, int64_t limit);
  explicit ModelConfig(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_MODELCONFIG_H

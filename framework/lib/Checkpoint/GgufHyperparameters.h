// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The numbers of a model in GGUF metadata: "llama.block_count" and its like.

#ifndef OPTRUN_LIB_CHECKPOINT_GGUFHYPERPARAMETERS_H
#define OPTRUN_LIB_CHECKPOINT_GGUFHYPERPARAMETERS_H

#include "optrun/Checkpoint/Gguf.h"

namespace optrun::checkpoint {

/// Reads keys that begin with the name of the architecture. The first problem is kept, so that
/// callers may read many and check once; what cannot be read is 0.
class GgufHyperparameters {
public:
  GgufHyperparameters(const GgufFile &file, llvm::StringRef architecture)
      : file(file), prefix((architecture + ".").str()) {}

  /// An integer from 1 to 2^31 that must be there: sizes and counts are no larger.
  uint64_t count(llvm::StringRef key);
  /// An integer from \p least to 2^31.
  std::optional<uint64_t> optionalCount(llvm::StringRef key, uint64_t least = 1);
  double real(llvm::StringRef key);
  std::optional<double> optionalReal(llvm::StringRef key);
  std::optional<std::string> optionalText(llvm::StringRef key);
  /// A key without the name of the architecture.
  std::optional<uint64_t> tokenId(llvm::StringRef key);

  /// Fails when the key is there with a value (true is 1) that asks for what nobody computes.
  void expect(llvm::StringRef key, llvm::ArrayRef<double> harmless);

  void fail(const llvm::Twine &message);
  llvm::Error takeError();

private:
  std::optional<uint64_t> integer(const std::string &key, uint64_t least);

  const GgufFile &file;
  std::string prefix, problem;
};

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_GGUFHYPERPARAMETERS_H

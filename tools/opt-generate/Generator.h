// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs a decoder token by token.

#ifndef OPTRUN_TOOLS_OPTGENERATE_GENERATOR_H
#define OPTRUN_TOOLS_OPTGENERATE_GENERATOR_H

#include "optrun/IR/Package.h"
#include "optrun/Results/ModelFiles.h"

namespace optrun::generate {

/// A model or chain of components with the inputs and outputs that docs/capturing.md lists, and the
/// keys and values of what it was given so far.
class Generator {
public:
  static llvm::Expected<Generator> open(const ModelFiles &files,
                                        const runtime::SessionOptions &options);

  /// The most probable token after \p ids, which follow what was given before; of equally probable
  /// ones the first.
  llvm::Expected<int64_t> next(llvm::ArrayRef<int64_t> ids);

private:
  explicit Generator(runtime::ModelChain chain) : chain(std::move(chain)) {}
  llvm::Error addInput(const ir::Value &input);
  llvm::Error addTokens(llvm::ArrayRef<int64_t> ids);

  runtime::ModelChain chain;
  std::vector<std::pair<std::string, std::string>> caches; // names of past and present
  std::vector<std::string> outputs;
  runtime::NamedValues inputs; // of the next run; between runs, keys and values
  int64_t known = 0;           // tokens that these are of
};

} // namespace optrun::generate

#endif // OPTRUN_TOOLS_OPTGENERATE_GENERATOR_H

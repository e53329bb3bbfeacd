// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The modules that every decoder is made of: projections, norms, feed-forward networks.
///
/// "Tokens" are tensors [batch, sequence, …]; "rows" the same with both dimensions in one, as Gemm
/// takes them. Gemm multiplies with Linear's weights [out, in] as they are stored; MatMul would
/// need a transposed copy of each (reference/formats.md, memory when loading).

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_MODULES_H
#define OPTRUN_PASSES_CAPTURE_DECODER_MODULES_H

#include "decoder/ModuleBuilder.h"

namespace optrun::decoder {

/// The blocks build into one graph for one description.
struct DecoderContext {
  ModuleBuilder &build;
  const DecoderDescription &model;
};

/// Rows of \p width elements.
ir::Value *flatten(ModuleBuilder &build, ir::Value *tokens, int64_t width);
/// The shape of tokens: batch and sequence are those of \p tokens, the rest is \p dims. For
/// Reshape, to make rows tokens again.
ir::Value *tokenShape(ModuleBuilder &build, ir::Value *tokens, llvm::ArrayRef<int64_t> dims);

/// The module \p name: rows of \p in elements to rows of \p out elements.
ir::Value *project(const DecoderContext &context, llvm::StringRef name, ir::Value *rows, int64_t in,
                   int64_t out, bool hasBias);
/// Several projections of the same rows: by one module each, or by one for all, whose result is
/// split.
llvm::SmallVector<ir::Value *, 3> projectAll(const DecoderContext &context,
                                             llvm::ArrayRef<std::string> names, ir::Value *rows,
                                             int64_t in, llvm::ArrayRef<int64_t> outs,
                                             bool hasBias);

/// The module \p name, over the last axis, which has \p width elements. Without a name \p value
/// itself.
ir::Value *norm(const DecoderContext &context, llvm::StringRef name, ir::Value *value,
                int64_t width);

/// limit * tanh(value / limit) (Gemma 2); \p value itself without a limit.
ir::Value *softcap(ModuleBuilder &build, ir::Value *value, std::optional<float> limit);

/// The half of a layer that looks at each token by itself.
ir::Value *feedForward(const DecoderContext &context, ir::Value *tokens);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_MODULES_H

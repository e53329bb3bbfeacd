// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The ONNX library's checker and shape inference on our IR. Weights are never read for either.

#ifndef OPTRUN_ONNX_CHECKS_H
#define OPTRUN_ONNX_CHECKS_H

#include "optrun/IR/Package.h"

namespace optrun::onnx {

/// Runs the ONNX checker on the graph (large payloads are replaced by external references that are
/// not followed). com.microsoft operators are allowed.
llvm::Error checkModel(const ir::Component &component);

/// Fills in missing types and shapes of values, with the ONNX library's shape inference (data
/// propagation on, nested graphs included) and the shapes of the com.microsoft operators that
/// language models use (MatMulNBits, GatherBlockQuantized, GroupQueryAttention, MultiHeadAttention,
/// Attention, RotaryEmbedding, SkipLayerNormalization, SkipSimplifiedLayerNormalization,
/// EmbedLayerNormalization, FusedMatMul, BiasGelu, FastGelu, QuickGelu, Gelu, QLinear*,
/// DynamicQuantizeMatMul, MatMulIntegerToFloat …). Types that are there already are kept, but
/// for fixed extents that contradict what follows from inputs and weights: these are corrected,
/// with a warning that names the value. Operators it does not know leave their outputs unknown;
/// that is no error. Nothing is done, and nothing found wrong, when every type and shape is there.
llvm::Error inferShapes(ir::Component &component, std::vector<std::string> *warnings = nullptr);

} // namespace optrun::onnx

#endif // OPTRUN_ONNX_CHECKS_H

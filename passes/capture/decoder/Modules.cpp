// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The modules that every decoder is made of: projections, norms, feed-forward networks.

#include "decoder/Modules.h"

#include "decoder/Matrices.h"

#include <numeric>

namespace optrun::decoder {
namespace {

ir::Value *layerNorm(ModuleBuilder &build, ir::Value *value, int64_t width, float epsilon) {
  return build.add("LayerNormalization",
                   {value, build.weight("weight", {width}), build.weight("bias", {width})},
                   {{"axis", int64_t{-1}}, {"epsilon", epsilon}});
}

/// x / sqrt(mean(x * x) + epsilon), in 32 bits (Zhang and Sennrich, 2019). Pow rather than Mul:
/// that is the form which ONNX Runtime replaces by one operator, and it computes x * x.
ir::Value *divideByRootMeanSquare(ModuleBuilder &build, ir::Value *value, float epsilon) {
  constexpr ir::DataType Float32 = ir::DataType::Float32;
  ir::Value *square = build.add("Pow", {value, build.number(2, Float32)});
  ir::Value *mean = build.add("ReduceMean", {square, build.integers({-1})});
  ir::Value *shifted = build.add("Add", {mean, build.number(epsilon, Float32)});
  return build.add("Div", {value, build.add("Sqrt", {shifted})});
}

ir::Value *rmsNorm(ModuleBuilder &build, ir::Value *value, int64_t width, float epsilon) {
  ir::Value *weight = build.weight("weight", {width});
  if (build.options().usesFusedOperators())
    return build.add("RMSNormalization", {value, weight},
                     {{"axis", int64_t{-1}}, {"epsilon", epsilon}});
  ir::Value *normed = divideByRootMeanSquare(build, build.widened(value), epsilon);
  return build.add("Mul", {build.narrowed(normed), weight});
}

/// Unlike others', Gemma's factor is applied before the result is rounded.
ir::Value *rmsNormPlusOne(ModuleBuilder &build, ir::Value *value, int64_t width, float epsilon) {
  constexpr ir::DataType Float32 = ir::DataType::Float32;
  ir::Value *wide = build.widened(value);
  ir::Value *factor =
      build.add("Add", {build.widened(build.weight("weight", {width})), build.number(1, Float32)});
  if (build.options().usesFusedOperators())
    return build.narrowed(build.add("RMSNormalization", {wide, factor},
                                    {{"axis", int64_t{-1}}, {"epsilon", epsilon}}));
  ir::Value *normed = divideByRootMeanSquare(build, wide, epsilon);
  return build.narrowed(build.add("Mul", {normed, factor}));
}

ir::Value *activate(ModuleBuilder &build, Activation activation, ir::Value *value) {
  switch (activation) {
  case Activation::Relu:
    return build.add("Relu", {value});
  case Activation::Gelu:
    return build.add("Gelu", {value});
  case Activation::GeluTanh:
    return build.add("Gelu", {value}, {{"approximate", "tanh"}});
  case Activation::Silu:
    return build.add("Mul", {value, build.add("Sigmoid", {value})});
  }
  llvm_unreachable("an activation that does not exist");
}

} // namespace

ir::Value *flatten(ModuleBuilder &build, ir::Value *tokens, int64_t width) {
  return build.add("Reshape", {tokens, build.integers({-1, width})});
}

ir::Value *tokenShape(ModuleBuilder &build, ir::Value *tokens, llvm::ArrayRef<int64_t> dims) {
  ir::Value *outer = build.add("Shape", {tokens}, {{"start", int64_t{0}}, {"end", int64_t{2}}});
  return build.add("Concat", {outer, build.integers(dims)}, {{"axis", int64_t{0}}});
}

ir::Value *project(const DecoderContext &context, llvm::StringRef name, ir::Value *rows, int64_t in,
                   int64_t out, bool hasBias) {
  ModuleBuilder &build = context.build;
  auto scope = build.enter(name);
  const Matrix weight = build.matrix("weight", out, in, context.model.storesInputsFirst);
  return multiply(build, rows, weight, hasBias ? build.weight("bias", {out}) : nullptr);
}

llvm::SmallVector<ir::Value *, 3> projectAll(const DecoderContext &context,
                                             llvm::ArrayRef<std::string> names, ir::Value *rows,
                                             int64_t in, llvm::ArrayRef<int64_t> outs,
                                             bool hasBias) {
  llvm::SmallVector<ir::Value *, 3> results;
  if (names.size() == outs.size()) {
    for (size_t i = 0; i < outs.size(); ++i)
      results.push_back(project(context, names[i], rows, in, outs[i], hasBias));
    return results;
  }
  const int64_t total = std::accumulate(outs.begin(), outs.end(), int64_t{0});
  ir::Value *fused = project(context, names.front(), rows, in, total, hasBias);
  return context.build.add("Split", static_cast<unsigned>(outs.size()),
                           {fused, context.build.integers(outs)}, {{"axis", int64_t{-1}}});
}

ir::Value *norm(const DecoderContext &context, llvm::StringRef name, ir::Value *value,
                int64_t width) {
  if (name.empty())
    return value;
  auto scope = context.build.enter(name);
  const float epsilon = context.model.norm.epsilon;
  switch (context.model.norm.kind) {
  case NormKind::Layer:
    return layerNorm(context.build, value, width, epsilon);
  case NormKind::Rms:
    return rmsNorm(context.build, value, width, epsilon);
  case NormKind::RmsPlusOne:
    return rmsNormPlusOne(context.build, value, width, epsilon);
  }
  llvm_unreachable("a norm that does not exist");
}

ir::Value *softcap(ModuleBuilder &build, ir::Value *value, std::optional<float> limit) {
  if (!limit)
    return value;
  ir::Value *scalar = build.number(*limit);
  return build.add("Mul", {build.add("Tanh", {build.add("Div", {value, scalar})}), scalar});
}

ir::Value *feedForward(const DecoderContext &context, ir::Value *tokens) {
  const FeedForwardDescription &model = context.model.feedForward;
  const int64_t hidden = context.model.hiddenSize;
  ModuleBuilder &build = context.build;
  auto scope = build.enter(model.module);
  ir::Value *rows = flatten(build, tokens, hidden);
  const llvm::SmallVector<int64_t, 2> widths(model.isGated ? 2 : 1, model.width);
  const auto parts = projectAll(context, model.inputs, rows, hidden, widths, model.hasBias);
  ir::Value *inner = activate(build, model.activation, parts.front());
  if (model.isGated)
    inner = build.add("Mul", {inner, parts.back()});
  ir::Value *result = project(context, model.output, inner, model.width, hidden, model.hasBias);
  return build.add("Reshape", {result, build.add("Shape", {tokens})});
}

} // namespace optrun::decoder

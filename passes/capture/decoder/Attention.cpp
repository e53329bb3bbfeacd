// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The half of a layer in which tokens look at each other (Vaswani et al., 2017), with keys and
/// values shared by groups of heads (Ainslie et al., 2023).

#include "decoder/Attention.h"

namespace optrun::decoder {
namespace {

/// Rows as [batch, heads, sequence, head size]; \p shape is [batch, sequence, heads, head size].
/// Normed head by head where there is a name.
ir::Value *splitHeads(const DecoderContext &context, ir::Value *rows, ir::Value *shape,
                      llvm::StringRef normName) {
  ModuleBuilder &build = context.build;
  ir::Value *split = norm(context, normName, build.add("Reshape", {rows, shape}),
                          context.model.attention.headSize);
  return build.add("Transpose", {split}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
}

KeyValues append(ModuleBuilder &build, const KeyValues &past, const KeyValues &now) {
  if (!past.keys)
    return now;
  auto join = [&](ir::Value *before, ir::Value *after) {
    return build.add("Concat", {before, after}, {{"axis", int64_t{2}}});
  };
  return {join(past.keys, now.keys), join(past.values, now.values)};
}

/// softmax(q k' + mask) v. Keys and values are never repeated for the heads that share them: those
/// heads have an axis of their own, along which MatMul broadcasts.
ir::Value *multiply(const DecoderContext &context, ir::Value *queries, const KeyValues &all,
                    ir::Value *mask) {
  ModuleBuilder &build = context.build;
  const AttentionDescription &model = context.model.attention;
  const bool isGrouped = usesGroupAxis(context);
  ir::Value *keys = all.keys, *values = all.values;
  std::vector<int64_t> swapLast = {0, 1, 3, 2};
  // Before the product, which has many more elements and, in 16 bits, a limit.
  queries = build.add("Mul", {queries, build.number(model.scale)});
  if (isGrouped) {
    const int64_t group = model.heads / model.keyValueHeads;
    queries = build.add(
        "Reshape", {queries, build.integers({0, model.keyValueHeads, group, -1, model.headSize})});
    keys = build.add("Unsqueeze", {keys, build.integers({2})});
    values = build.add("Unsqueeze", {values, build.integers({2})});
    swapLast = {0, 1, 2, 4, 3};
  }
  ir::Value *scores =
      build.add("MatMul", {queries, build.add("Transpose", {keys}, {{"perm", swapLast}})});
  scores = build.add("Add", {softcap(build, scores, model.softcap), mask});
  ir::Value *shares = build.add("Softmax", {build.widened(scores)}, {{"axis", int64_t{-1}}});
  ir::Value *result = build.add("MatMul", {build.narrowed(shares), values});
  if (isGrouped)
    result = build.add("Reshape", {result, build.integers({0, model.heads, -1, model.headSize})});
  return result;
}

struct HeadsResult {
  ir::Value *heads; // [batch, heads, sequence, head size]
  KeyValues present;
};

HeadsResult attendByOperator(const DecoderContext &context, ir::Value *queries,
                             const KeyValues &now, ir::Value *mask, const KeyValues &past) {
  llvm::SmallVector<ir::Value *, 6> operands = {queries, now.keys, now.values, mask};
  if (past.keys)
    operands.append({past.keys, past.values});
  constexpr auto Float32 = static_cast<int64_t>(ir::DataType::Float32);
  const auto results =
      context.build.add("Attention", past.keys ? 3 : 1, operands,
                        {{"scale", context.model.attention.scale}, {"softmax_precision", Float32}});
  if (!past.keys)
    return {results.front(), now};
  return {results[0], {results[1], results[2]}};
}

} // namespace

AttentionResult attend(const DecoderContext &context, ir::Value *tokens, const RotaryTables &rotary,
                       ir::Value *mask, const KeyValues &past) {
  const AttentionDescription &model = context.model.attention;
  ModuleBuilder &build = context.build;
  auto scope = build.enter(model.module);
  const int64_t hidden = context.model.hiddenSize, queryWidth = model.heads * model.headSize,
                keyWidth = model.keyValueHeads * model.headSize;
  const auto rows = projectAll(context, model.inputs, flatten(build, tokens, hidden), hidden,
                               {queryWidth, keyWidth, keyWidth}, model.hasInputBias);
  ir::Value *queryShape = tokenShape(build, tokens, {model.heads, model.headSize});
  ir::Value *keyShape = model.keyValueHeads == model.heads
                            ? queryShape
                            : tokenShape(build, tokens, {model.keyValueHeads, model.headSize});
  ir::Value *queries = splitHeads(context, rows[0], queryShape, model.normsHeads ? "q_norm" : "");
  ir::Value *keys = splitHeads(context, rows[1], keyShape, model.normsHeads ? "k_norm" : "");
  ir::Value *values = splitHeads(context, rows[2], keyShape, "");
  queries = rotate(context, queries, rotary);
  keys = rotate(context, keys, rotary);

  HeadsResult result;
  if (usesAttentionOperator(context)) {
    result = attendByOperator(context, queries, {keys, values}, mask, past);
  } else {
    result.present = append(build, past, {keys, values});
    result.heads = multiply(context, queries, result.present, mask);
  }
  ir::Value *joined = flatten(
      build, build.add("Transpose", {result.heads}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}}),
      queryWidth);
  ir::Value *mixed =
      project(context, model.output, joined, queryWidth, hidden, model.hasOutputBias);
  return {build.add("Reshape", {mixed, build.add("Shape", {tokens})}), result.present};
}

} // namespace optrun::decoder

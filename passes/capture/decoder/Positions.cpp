// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Masks and rotary tables.

#include "decoder/Positions.h"

#include <limits>

namespace optrun::decoder {
namespace {

/// Half of the lowest number of the type: a score can be added without leaving the finite numbers,
/// and exp() of the difference to any score is 0. With infinity, a row that sees nothing (padding)
/// would become NaN.
double hidden(ir::DataType type) {
  constexpr double LowestFloat16 = -65504;
  return (type == ir::DataType::Float16 ? LowestFloat16
                                        : double{std::numeric_limits<float>::lowest()}) /
         2;
}

/// The extent of the second axis, [1].
ir::Value *lengthOf(ModuleBuilder &build, ir::Value *tokens) {
  return build.add("Shape", {tokens}, {{"start", int64_t{1}}, {"end", int64_t{2}}});
}

/// The places of queries and keys among all tokens, cached ones first.
struct Places {
  ir::Value *queries; // [sequence, 1]
  ir::Value *keys;    // [past + sequence]
};

/// The mask has an element for every token, so that the number of cached ones needs no cache.
Places findPlaces(ModuleBuilder &build, ir::Value *inputIds, ir::Value *attentionMask) {
  ir::Value *total = lengthOf(build, attentionMask);
  ir::Value *past = build.add("Sub", {total, lengthOf(build, inputIds)});
  ir::Value *keys =
      build.add("Range", {build.integer(0), build.add("Squeeze", {total}), build.integer(1)});
  ir::Value *queries = build.add("Slice", {keys, past, total, build.integers({0})});
  return {build.add("Unsqueeze", {queries, build.integers({1})}), keys};
}

/// Negative in the first half: the first element of a pair takes -x2 sin, the second x1 sin.
ir::Value *bothHalves(ModuleBuilder &build, ir::Value *first, ir::Value *second) {
  ir::Value *whole = build.add("Concat", {first, second}, {{"axis", int64_t{-1}}});
  return build.add("Unsqueeze", {whole, build.integers({1})}); // for all heads
}

/// Long frequencies, once a position is beyond the original context, are those of all positions.
ir::Value *frequenciesFor(ModuleBuilder &build, const RotaryDescription &rotary,
                          ir::Value *positionIds) {
  ir::Value *usual = build.floats("inv_freq", rotary.frequencies);
  if (rotary.longFrequencies.empty())
    return usual;
  ir::Value *last = build.add("ReduceMax", {positionIds}, {{"keepdims", int64_t{0}}});
  ir::Value *isLong = build.add("GreaterOrEqual", {last, build.integer(rotary.originalPositions)});
  return build.add("Where", {isLong, build.floats("long_inv_freq", rotary.longFrequencies), usual});
}

} // namespace

bool usesGroupAxis(const DecoderContext &context) {
  const AttentionDescription &attention = context.model.attention;
  return attention.heads != attention.keyValueHeads && !usesAttentionOperator(context);
}

bool usesAttentionOperator(const DecoderContext &context) {
  return context.build.options().usesFusedOperators() && !context.model.attention.softcap;
}

std::map<int64_t, ir::Value *> buildMasks(const DecoderContext &context, ir::Value *inputIds,
                                          ir::Value *attentionMask) {
  ModuleBuilder &build = context.build;
  const Places places = findPlaces(build, inputIds, attentionMask);
  ir::Value *isToken = build.cast(attentionMask, ir::DataType::Int64, ir::DataType::Bool);
  ir::Value *shown = build.add(
      "And", {build.add("LessOrEqual", {places.keys, places.queries}),
              build.add("Unsqueeze", {isToken, usesGroupAxis(context) ? build.integers({1, 2, 3})
                                                                      : build.integers({1, 2})})});
  std::map<int64_t, ir::Value *> masks;
  for (int64_t window : context.model.windows) {
    if (masks.contains(window))
      continue;
    ir::Value *inWindow = shown;
    if (window != 0) {
      ir::Value *beforeWindow = build.add("Sub", {places.queries, build.integer(window)});
      inWindow = build.add("And", {shown, build.add("Greater", {places.keys, beforeWindow})});
    }
    masks[window] =
        build.add("Where", {inWindow, build.number(0), build.number(hidden(build.computeType()))});
  }
  return masks;
}

RotaryTables buildRotaryTables(const DecoderContext &context, ir::Value *positionIds) {
  if (!context.model.rotary)
    return {};
  const RotaryDescription &rotary = *context.model.rotary;
  ModuleBuilder &build = context.build;
  auto scope = build.enter("rotary_emb");
  ir::Value *positions =
      build.add("Unsqueeze", {build.cast(positionIds, ir::DataType::Int64, ir::DataType::Float32),
                              build.integers({2})});
  ir::Value *angles = build.add("Mul", {positions, frequenciesFor(build, rotary, positionIds)});
  auto table = [&](llvm::StringRef function) {
    ir::Value *result = build.add(function, {angles});
    if (rotary.factor != 1)
      result = build.add("Mul", {result, build.number(rotary.factor, ir::DataType::Float32)});
    return build.narrowed(result);
  };
  ir::Value *cosine = table("Cos"), *sine = table("Sin");
  if (build.options().usesFusedOperators())
    return {cosine, sine};
  return {bothHalves(build, cosine, cosine), bothHalves(build, build.add("Neg", {sine}), sine)};
}

ir::Value *rotate(const DecoderContext &context, ir::Value *heads, const RotaryTables &tables) {
  if (!context.model.rotary)
    return heads;
  ModuleBuilder &build = context.build;
  if (build.options().usesFusedOperators())
    return build.add("RotaryEmbedding", {heads, tables.cosine, tables.sine});
  const auto halves =
      build.add("Split", 2, {heads}, {{"axis", int64_t{-1}}, {"num_outputs", int64_t{2}}});
  ir::Value *swapped =
      build.add("Concat", {halves.back(), halves.front()}, {{"axis", int64_t{-1}}});
  return build.add(
      "Add", {build.add("Mul", {heads, tables.cosine}), build.add("Mul", {swapped, tables.sine})});
}

} // namespace optrun::decoder

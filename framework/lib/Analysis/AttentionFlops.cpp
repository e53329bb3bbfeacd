// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Fused attention: ONNX's Attention and its relatives in com.microsoft. Scores and their products
/// with the values count for all tokens, past and present, masked or not: kernels compute whole
/// tiles, and the unfused graph does the same.

#include "OperatorFlops.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>

namespace optrun {
namespace {

/// A number of heads from an attribute; 0 for what is no such number.
int64_t headCount(const TypedNode &typed, llvm::StringRef name, int64_t otherwise = 0) {
  constexpr int64_t MaxHeads = 1 << 20;
  const int64_t heads = typed.integer(name, otherwise);
  return heads > 0 && heads <= MaxHeads ? heads : 0;
}

/// The extents that attention is about.
struct Attention {
  int64_t batch = 0, heads = 0, queries = 0, keys = 0;
  int64_t keySize = 0, valueSize = 0; // of a head
};

/// QKᵀ: 2 · B · H · S · T · D; softmax: 5 · B · H · S · T; times V: 2 · B · H · S · T · Dv.
Flops flopsOfScores(const Attention &a) {
  const uint64_t scores = times(1, a.batch, a.heads, a.queries, a.keys);
  Flops flops;
  flops.attention = times(2, scores,
                          llvm::SaturatingAdd<uint64_t>(static_cast<uint64_t>(a.keySize),
                                                        static_cast<uint64_t>(a.valueSize)));
  flops.total = llvm::SaturatingAdd(flops.attention, times(5, scores));
  return flops;
}

/// Tokens that keys and values are there for: as long as the present, else the past and what comes
/// to it.
std::optional<int64_t> keyTokens(const TypedNode &typed, unsigned presentOutput, unsigned pastInput,
                                 int64_t added) {
  constexpr size_t CacheRank = 4, TokenAxis = 2;
  if (const auto present = typed.output(presentOutput); present && present->size() == CacheRank)
    return (*present)[TokenAxis];
  if (!typed.hasInput(pastInput))
    return added;
  const auto past = typed.input(pastInput);
  return past && past->size() == CacheRank ? std::optional((*past)[TokenAxis] + added)
                                           : std::nullopt;
}

/// ONNX 23: Q, K, V are [B, heads, S, D], or [B, S, heads · D] with numbers of heads as attributes;
/// past key is input 4, present key output 1.
std::optional<Flops> standardAttention(const TypedNode &typed) {
  const auto query = typed.input(0), key = typed.input(1), value = typed.input(2);
  if (!query || !key || !value || query->size() != key->size() || key->size() != value->size() ||
      (query->size() != 3 && query->size() != 4))
    return std::nullopt;
  Attention a;
  a.batch = (*query)[0];
  if (query->size() == 4) {
    a.heads = (*query)[1];
    a.queries = (*query)[2];
    a.keys = (*key)[2];
    a.keySize = (*query)[3];
    a.valueSize = (*value)[3];
  } else {
    a.heads = headCount(typed, "q_num_heads");
    const int64_t kvHeads = headCount(typed, "kv_num_heads", a.heads);
    if (a.heads == 0 || kvHeads == 0)
      return std::nullopt;
    a.queries = (*query)[1];
    a.keys = (*key)[1];
    a.keySize = (*query)[2] / a.heads;
    a.valueSize = (*value)[2] / kvHeads;
  }
  const auto keys = keyTokens(typed, 1, 4, a.keys);
  if (!keys)
    return std::nullopt;
  a.keys = *keys;
  return flopsOfScores(a);
}

/// Query [B, S, heads · D], or with keys and values packed into it [B, S, (heads + 2 · kv) · D].
/// With do_rotary, three operations for each element of query and key. With local_window_size, a
/// query has scores for that many keys.
std::optional<Flops> groupQueryAttention(const TypedNode &typed) {
  const auto query = typed.input(0);
  const int64_t heads = headCount(typed, "num_heads"), kvHeads = headCount(typed, "kv_num_heads");
  if (!query || query->size() != 3 || heads == 0 || kvHeads == 0)
    return std::nullopt;
  const int64_t rows = typed.hasInput(1) ? heads : heads + 2 * kvHeads;
  Attention a{(*query)[0], heads, (*query)[1], 0, (*query)[2] / rows, (*query)[2] / rows};
  const auto keys = keyTokens(typed, 1, 3, a.queries);
  if (!keys)
    return std::nullopt;
  const int64_t window = typed.integer("local_window_size", 0);
  a.keys = window > 0 ? std::min(*keys, window) : *keys;
  Flops flops = flopsOfScores(a);
  if (typed.integer("do_rotary", 0) != 0)
    flops.total =
        llvm::SaturatingAdd(flops.total, times(3, a.batch, a.queries, heads + kvHeads, a.keySize));
  return flops;
}

/// Query [B, S, H] or packed [B, S, heads, 3, D]; key [B, T, H], packed [B, T, heads, 2, D] or, for
/// cross attention, [B, heads, T, D]. \p pastInput is the past key.
std::optional<Flops> multiHead(const TypedNode &typed, unsigned pastInput) {
  const auto query = typed.input(0), result = typed.output(0);
  const int64_t heads = headCount(typed, "num_heads");
  if (!query || (query->size() != 3 && query->size() != 5) || !result || result->size() != 3 ||
      heads == 0)
    return std::nullopt;
  Attention a{(*query)[0], heads, (*query)[1], (*query)[1], 0, 0};
  a.valueSize = (*result)[2] / heads;
  a.keySize = query->size() == 5 ? query->back() : (*query)[2] / heads;
  if (typed.hasInput(1)) {
    const auto key = typed.input(1);
    if (!key || key->size() < 3)
      return std::nullopt;
    a.keys = (*key)[key->size() == 4 ? 2 : 1];
  } else if (query->size() == 3) { // keys and values lie in the query
    a.keySize = a.valueSize;
  }
  const auto keys = keyTokens(typed, 1, pastInput, a.keys);
  if (!keys)
    return std::nullopt;
  a.keys = *keys;
  return flopsOfScores(a);
}

/// com.microsoft Attention: input [B, S, I], projected by weights [I, Q + K + V] first; past is
/// [2, B, heads, P, D].
std::optional<Flops> projectingAttention(const TypedNode &typed, unsigned pastInput) {
  const auto input = typed.input(0), weights = typed.input(1), result = typed.output(0);
  const int64_t heads = headCount(typed, "num_heads");
  if (!input || input->size() != 3 || !weights || weights->size() != 2 || !result ||
      result->size() != 3 || heads == 0)
    return std::nullopt;
  const int64_t valueWidth = (*result)[2], width = (*weights)[1];
  if (width < valueWidth)
    return std::nullopt;
  Attention a{(*input)[0], heads, (*input)[1], (*input)[1], 0, valueWidth / heads};
  a.keySize = (width - valueWidth) / 2 / heads;
  if (typed.hasInput(pastInput)) {
    const auto past = typed.input(pastInput);
    if (!past || past->size() != 5)
      return std::nullopt;
    a.keys += (*past)[3];
  }
  Flops flops = flopsOfScores(a);
  constexpr unsigned Bias = 2;
  const uint64_t projected = times(1, a.batch, a.queries, width);
  flops.total = llvm::SaturatingAdd(flops.total, times(2, projected, (*input)[2]));
  if (typed.hasInput(Bias))
    flops.total = llvm::SaturatingAdd(flops.total, projected);
  return flops;
}

} // namespace

bool isAttention(const ir::Node &node) {
  return llvm::StringSwitch<bool>(node.opType())
      .Cases("Attention", "QAttention", "GroupQueryAttention", "MultiHeadAttention", true)
      .Cases("SparseAttention", "DecoderMaskedMultiHeadAttention", true)
      .Case("DecoderMaskedSelfAttention", true)
      .Default(false);
}

std::optional<Flops> flopsOfAttention(const TypedNode &typed) {
  const llvm::StringRef op = typed.node.opType();
  if (op == "GroupQueryAttention" || op == "SparseAttention")
    return groupQueryAttention(typed);
  if (op == "MultiHeadAttention")
    return multiHead(typed, 6);
  if (op == "DecoderMaskedMultiHeadAttention")
    return multiHead(typed, 5);
  if (op == "Attention" && typed.node.isOp("Attention"))
    return standardAttention(typed);
  return projectingAttention(typed, op == "QAttention" ? 8 : 4);
}

} // namespace optrun

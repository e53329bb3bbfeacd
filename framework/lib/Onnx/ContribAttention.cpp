// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Attention and its relatives. B batch, S sequence, P past, T total sequence length, H hidden
/// size.

#include "ContribShapes.h"

namespace optrun::onnx {

namespace {

/// \p cache with another length of the sequence, which is its dimension \p axis.
ProtoShape grown(ProtoShape cache, int axis, const Dim &length) {
  *cache.mutable_dim(axis) = length;
  return cache;
}

/// Attention and QAttention: input [B, S, H], weights [H, 3·H], bias [3·H] → [B, S, H']; present
/// like past [2, B, heads, P, head size], longer by S unless both share a buffer.
void inferAttentionWithPast(NodeTypes &types, size_t pastInput, size_t typeInput) {
  types.copyElementType(typeInput, 0);
  types.copyElementType(typeInput, 1);
  const ProtoShape *input = types.shape(0, 3);
  if (!input)
    return;
  const ProtoShape *weights = types.shape(1, 2), *bias = types.shape(2, 1);
  std::vector<int64_t> hiddenSizes = types.integers("qkv_hidden_sizes");
  Dim hidden;
  if (hiddenSizes.size() == 3)
    hidden = knownDim(hiddenSizes[2]);
  else if (bias)
    hidden = quotient(bias->dim(0), 3);
  else if (weights)
    hidden = quotient(weights->dim(1), 3);
  types.setShape(0, shapeOf({input->dim(0), input->dim(1), hidden}));

  bool isShared = types.integer("past_present_share_buffer", 0) != 0;
  if (const ProtoShape *past = types.shape(pastInput, 5)) {
    types.setShape(1, isShared ? *past : grown(*past, 3, sum(past->dim(3), input->dim(1))));
    return;
  }
  int64_t heads = types.integer("num_heads", 0);
  types.setShape(1, shapeOf({knownDim(2), input->dim(0), heads > 0 ? knownDim(heads) : Dim(),
                             isShared ? Dim() : input->dim(1), quotient(hidden, heads)}));
}

/// The hidden size of the result, from the forms that query, key and value can have.
Dim multiHeadHiddenSize(const NodeTypes &types, const ProtoShape &query, bool mayBePacked) {
  if (query.dim_size() == 5) // [B, S, heads, 3, head size]
    return product(query.dim(2), query.dim(4));
  if (const ProtoShape *value = types.shape(2, 3)) // [B, S, H]
    return value->dim(2);
  if (const ProtoShape *value = types.shape(2, 4)) // [B, heads, S, head size]
    return product(value->dim(1), value->dim(3));
  if (types.shape(1, 5)) // packed key and value
    return query.dim(2);
  if (mayBePacked && !types.elementType(1)) // [B, S, 3·H]
    return quotient(query.dim(2), 3);
  return Dim();
}

/// \p pastKeyInput is followed by the past value. \p mayBePacked: key and value may lie in the
/// query. Outputs: Y, present key, present value.
void inferMultiHead(NodeTypes &types, size_t pastKeyInput, bool mayBePacked, bool sharesBuffer) {
  types.copyElementType(0, 0);
  for (size_t output : {size_t(1), size_t(2)}) {
    types.copyElementType(0, output);
    types.copyElementType(pastKeyInput + output - 1, output);
  }
  const ProtoShape *query = types.shape(0);
  if (!query || (query->dim_size() != 3 && query->dim_size() != 5))
    return;
  Dim hidden = multiHeadHiddenSize(types, *query, mayBePacked);
  types.setShape(0, shapeOf({query->dim(0), query->dim(1), hidden}));

  const ProtoShape *value = types.shape(2, 3);
  const ProtoShape *crossValue = types.shape(2, 4);
  int64_t heads = types.integer("num_heads", 0);
  for (size_t output : {size_t(1), size_t(2)}) {
    if (const ProtoShape *past = types.shape(pastKeyInput + output - 1, 4)) {
      bool isSelfAttention = !types.elementType(1);
      Dim added = value ? value->dim(1) : isSelfAttention ? query->dim(1) : Dim();
      types.setShape(output, sharesBuffer ? *past : grown(*past, 2, sum(past->dim(2), added)));
    } else if (crossValue) {
      types.copyShape(output, output); // key and value, given as present already
    } else if (value && heads > 0 && !sharesBuffer) {
      const ProtoShape *source = types.shape(output, 3); // the key for output 1, the value for 2
      Dim size = source ? quotient(source->dim(2), heads) : Dim();
      types.setShape(output, shapeOf({query->dim(0), knownDim(heads), value->dim(1), size}));
    }
  }
}

/// GroupQueryAttention and SparseAttention. Query [B, S, heads · size], or [B, S, (heads + 2 · kv
/// heads) · size] with key and value packed into it; past and present [B, kv heads, length, size].
void inferGroupQuery(NodeTypes &types, bool presentIsPast) {
  constexpr size_t PastKey = 3, TotalLength = 6;
  types.copyElementType(0, 0);
  for (size_t output : {size_t(1), size_t(2)}) {
    types.copyElementType(0, output);
    types.copyElementType(PastKey + output - 1, output); // a cache may be quantized
  }
  const ProtoShape *query = types.shape(0, 3);
  if (!query)
    return;
  int64_t heads = types.integer("num_heads", 0), kvHeads = types.integer("kv_num_heads", 0);
  bool isPacked = !types.elementType(1);
  Dim size = quotient(query->dim(2), isPacked ? heads + 2 * kvHeads : heads);
  types.setShape(0, isPacked
                        ? shapeOf({query->dim(0), query->dim(1), product(size, knownDim(heads))})
                        : *query);

  auto total = types.constantInt32(TotalLength);
  for (size_t output : {size_t(1), size_t(2)}) {
    if (const ProtoShape *past = types.shape(PastKey + output - 1, 4)) {
      // Past and present may be one buffer of the maximum length; only a constant total length
      // tells how long present is.
      const Dim &before = past->dim(2);
      Dim length;
      if (presentIsPast)
        length = before;
      else if (total && *total > 0 && before.has_dim_value())
        length = knownDim(std::max<int64_t>(*total, before.dim_value()));
      types.setShape(output, grown(*past, 2, length));
    } else if (types.numInputs() <= PastKey || !types.elementType(PastKey)) {
      Dim length = total && *total > 0 ? knownDim(*total) : query->dim(1);
      types.setShape(
          output, shapeOf({query->dim(0), kvHeads > 0 ? knownDim(kvHeads) : Dim(), length, size}));
    }
  }
}

} // namespace

void inferAttention(NodeTypes &types) { inferAttentionWithPast(types, 4, 0); }

/// Input and weights are 8 bit; the bias has the type of the result.
void inferQAttention(NodeTypes &types) { inferAttentionWithPast(types, 8, 2); }

/// Inputs: query, key, value, bias, padding mask, attention bias, past key, past value, past
/// length.
void inferMultiHeadAttention(NodeTypes &types) {
  bool sharesBuffer = types.elementType(6) && types.elementType(8);
  inferMultiHead(types, 6, false, sharesBuffer);
}

/// Inputs: query, key, value, mask, attention bias, past key, past value, …
void inferDecoderMaskedMultiHeadAttention(NodeTypes &types) {
  inferMultiHead(types, 5, true, types.integer("past_present_share_buffer", 0) != 0);
}

void inferGroupQueryAttention(NodeTypes &types) {
  inferGroupQuery(types, types.integer("sliding_window_cache", 0) != 0);
}

void inferSparseAttention(NodeTypes &types) { inferGroupQuery(types, true); }

} // namespace optrun::onnx

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Matrix products, convolutions and recurrent layers: two operations for each multiplication and
/// addition.

#include "OperatorFlops.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <map>

namespace optrun {
namespace {

using Result = std::optional<Flops>;

constexpr int64_t MaxExperts = 1 << 20; // more is no number of experts

/// Of two activations: attention scores, or scores times values. Outer products (the angles of
/// rotary embeddings) are none.
bool multipliesActivations(const TypedNode &typed, unsigned left, unsigned right, int64_t inner) {
  return inner != 1 && !typed.isConstant(left) && !typed.isConstant(right);
}

/// 2 · elements of the result · the extent that is summed over.
Result matMul(const TypedNode &typed) {
  // Where the operands are: QLinearMatMul has scale and zero point after each.
  const unsigned right = typed.node.isOp("QLinearMatMul") ? 3 : 1;
  const auto left = typed.input(0), result = typed.output(0);
  if (!left || left->empty() || !result)
    return std::nullopt;
  const bool transposed = typed.integer("transA", 0) != 0 && left->size() >= 2;
  const int64_t inner = (*left)[left->size() - (transposed ? 2 : 1)];
  Flops flops{times(2, countElements(*result), inner)};
  if (multipliesActivations(typed, 0, right, inner))
    flops.attention = flops.total;
  return flops;
}

/// The same, and one for each element of the result for the operand \p Bias, if it is there.
template <unsigned Bias> Result matMulWithBias(const TypedNode &typed) {
  Result flops = matMul(typed);
  if (flops && typed.hasInput(Bias))
    flops->total = llvm::SaturatingAdd(flops->total, countElements(*typed.output(0)));
  return flops;
}

/// 2 · rows · K · N, and rows · N for the bias.
Result matMulNBits(const TypedNode &typed) {
  const auto input = typed.input(0), result = typed.output(0);
  if (!input || input->empty() || !result)
    return std::nullopt;
  Flops flops{times(2, countElements(*result), typed.integer("K", input->back()))};
  constexpr unsigned Bias = 5;
  if (typed.node.opType() == "MatMulNBits" && typed.hasInput(Bias))
    flops.total = llvm::SaturatingAdd(flops.total, countElements(*result));
  return flops;
}

/// 2 · elements of the result · (channels / groups) · window, and one for each for the bias.
/// W is [M, C / groups, window …].
Result conv(const TypedNode &typed) {
  const bool isQuantized = typed.node.opType() == "QLinearConv";
  const auto weight = typed.input(isQuantized ? 3 : 1), result = typed.output(0);
  if (!weight || weight->empty() || !result)
    return std::nullopt;
  const uint64_t elements = countElements(*result);
  Flops flops{times(2, elements, countElements(llvm::ArrayRef(*weight).drop_front()))};
  if (typed.hasInput(isQuantized ? 8 : 2) && typed.node.opType() != "ConvInteger")
    flops.total = llvm::SaturatingAdd(flops.total, elements);
  return flops;
}

/// 2 · elements of the input · (channels of the result / groups) · window. W is [C, M / groups,
/// window …].
Result convTranspose(const TypedNode &typed) {
  const auto input = typed.input(0), weight = typed.input(1), result = typed.output(0);
  if (!input || !weight || weight->empty() || !result)
    return std::nullopt;
  Flops flops{times(2, countElements(*input), countElements(llvm::ArrayRef(*weight).drop_front()))};
  if (typed.hasInput(2))
    flops.total = llvm::SaturatingAdd(flops.total, countElements(*result));
  return flops;
}

/// The product of the extents of all indices, times the number of operands: a multiplication for
/// each operand but one, and an addition. Without the better order that a library may find.
Result einsum(const TypedNode &typed) {
  const ir::Attribute *attribute = typed.node.attribute("equation");
  const auto *equation = attribute ? std::get_if<std::string>(&attribute->value) : nullptr;
  if (!equation)
    return std::nullopt;
  llvm::SmallVector<llvm::StringRef, 4> terms;
  llvm::StringRef(*equation).split("->").first.split(terms, ',');
  std::map<char, int64_t> extents;
  uint64_t ellipsis = 1;
  for (unsigned operand = 0; operand < terms.size(); ++operand) {
    const auto dims = typed.input(operand);
    if (!dims)
      return std::nullopt;
    const size_t letters = static_cast<size_t>(
        std::count_if(terms[operand].begin(), terms[operand].end(), llvm::isAlpha));
    size_t axis = 0;
    for (llvm::StringRef rest = terms[operand]; !rest.empty();) {
      if (rest.consume_front("...")) {
        const size_t hidden = dims->size() - std::min(letters, dims->size());
        if (axis + hidden > dims->size())
          return std::nullopt; // a second ellipsis
        uint64_t count = countElements(llvm::ArrayRef(*dims).slice(axis, hidden));
        ellipsis = std::max(ellipsis, count);
        axis += hidden;
      } else if (llvm::isAlpha(rest.front())) {
        if (axis >= dims->size())
          return std::nullopt;
        int64_t &extent = extents[rest.front()];
        extent = std::max(extent, (*dims)[axis++]);
        rest = rest.drop_front();
      } else {
        rest = rest.drop_front();
      }
    }
  }
  Flops flops{times(ellipsis, std::max<size_t>(terms.size(), 1))};
  for (const auto &[index, extent] : extents)
    flops.total = times(flops.total, extent);
  // With an index that is summed over, it multiplies matrices.
  const auto result = typed.output(0);
  const bool sums = result && countElements(*result) < flops.total / terms.size();
  if (terms.size() == 2 && multipliesActivations(typed, 0, 1, sums ? 0 : 1))
    flops.attention = flops.total;
  return flops;
}

/// 2 · tokens · directions · gates · hidden · (input + hidden). X is [tokens, batch, input], R is
/// [directions, gates · hidden, hidden]. Gates and activations are of a lower order.
Result recurrent(const TypedNode &typed) {
  const auto input = typed.input(0), weight = typed.input(1), recurrence = typed.input(2);
  if (!input || input->size() != 3 || !weight || !recurrence)
    return std::nullopt;
  const uint64_t steps = times(2, (*input)[0], (*input)[1]);
  return Flops{
      times(steps, llvm::SaturatingAdd(countElements(*weight), countElements(*recurrence)))};
}

/// Experts: 2 · tokens · experts for each token · parameters of an expert. Inputs are the tokens,
/// the router's probabilities, then for each of two or three layers a table [experts, …] and what
/// goes with it: a bias, and in QMoE scales before that. QMoE packs weights into bytes.
Result experts(const TypedNode &typed) {
  const bool isQuantized = typed.node.opType() == "QMoE";
  const unsigned stride = isQuantized ? 3 : 2, first = 2, layers = 3;
  const auto input = typed.input(0);
  if (!input || input->empty())
    return std::nullopt;
  uint64_t params = 0;
  for (unsigned layer = 0; layer < layers; ++layer) {
    const unsigned table = first + layer * stride;
    if (!typed.hasInput(table))
      continue;
    const auto weight = typed.input(table);
    if (!weight || weight->empty())
      return std::nullopt;
    params = llvm::SaturatingAdd(params, countElements(llvm::ArrayRef(*weight).drop_front()));
  }
  const int64_t bits = isQuantized ? typed.integer("expert_weight_bits", 4) : 8;
  if (bits < 1 || bits > 8)
    return std::nullopt;
  const int64_t chosen = std::clamp<int64_t>(typed.integer("k", 1), 0, MaxExperts);
  return Flops{
      times(2, countElements(llvm::ArrayRef(*input).drop_back()), chosen, 8 / bits, params)};
}

using Function = Result (*)(const TypedNode &);

Function productFunction(llvm::StringRef op) {
  return llvm::StringSwitch<Function>(op)
      .Cases("MatMul", "FusedMatMul", "TransposeMatMul", "MatMulInteger", matMul)
      .Cases("MatMulInteger16", "QLinearMatMul", "FusedMatMulActivation", matMul)
      .Cases("Gemm", "FusedGemm", matMulWithBias<2>)
      .Case("DynamicQuantizeMatMul", matMulWithBias<4>)
      .Cases("MatMulIntegerToFloat", "QGemm", matMulWithBias<6>)
      .Cases("MatMulNBits", "MatMulBnb4", matMulNBits)
      .Cases("Conv", "ConvInteger", "QLinearConv", "FusedConv", conv)
      .Case("ConvTranspose", convTranspose)
      .Case("Einsum", einsum)
      .Cases("LSTM", "GRU", "RNN", recurrent)
      .Cases("MoE", "QMoE", experts)
      .Default(nullptr);
}

} // namespace

bool isProduct(const ir::Node &node) { return productFunction(node.opType()) != nullptr; }

std::optional<Flops> flopsOfProduct(const TypedNode &typed) {
  return productFunction(typed.node.opType())(typed);
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tells from their operators what modules are.

#include "PublishedFlops.h"

#include "optrun/Analysis/PayloadUses.h"
#include "optrun/Analysis/WeightedNodes.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace optrun {
namespace {

bool isMatrixProduct(llvm::StringRef op) {
  return llvm::StringSwitch<bool>(op)
      .Cases("MatMul", "Gemm", "FusedMatMul", "MatMulNBits", "MatMulBnb4", true)
      .Cases("MatMulInteger", "QLinearMatMul", "QGemm", "DynamicQuantizeMatMul", true)
      .Cases("MatMulIntegerToFloat", "MatMulInteger16", "Attention", "QAttention", true)
      .Default(false);
}

bool isNormalization(llvm::StringRef op) {
  return llvm::StringSwitch<bool>(op)
      .Cases("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", true)
      .Cases("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", true)
      .Default(false);
}

bool isTableLookup(llvm::StringRef op) { return op == "Gather" || op == "GatherBlockQuantized"; }

/// What a row's nodes are.
struct Traits {
  bool hasProduct = false, hasNorm = false, hasLookup = false;
  bool hasMean = false, hasRoot = false;      // a norm in parts
  bool hasSigmoid = false, hasOthers = false; // SiLU has Sigmoid, Mul and nothing else
};

class Classifier {
public:
  explicit Classifier(const Dataflow &flow) : flow(flow), weights(weightsOfNodes(flow)) {}

  ModuleKinds run(llvm::ArrayRef<uint32_t> rowOf, uint32_t rows) {
    std::vector<Traits> traits(rows);
    kinds.normWidth.resize(rows);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (rowOf[node] != NoRow) {
        look(node, traits[rowOf[node]]);
        noteVector(node, kinds.normWidth[rowOf[node]]);
      }
    for (uint32_t row = 0; row < rows; ++row) {
      kinds.ofRow.push_back(kindOf(traits[row]));
      if (kinds.ofRow.back() != ModuleKind::Norm)
        kinds.normWidth[row] = 0;
    }
    return std::move(kinds);
  }

private:
  void look(uint32_t index, Traits &traits) {
    const ir::Node &node = flow.node(index);
    const llvm::StringRef op = node.opType();
    const ir::Tensor *weight = weights[index];
    if (isMatrixProduct(op) && weight && isMatrix(*weight))
      traits.hasProduct = true;
    if (isNormalization(op))
      traits.hasNorm = true;
    if (isTableLookup(op) && weight && weight->dims().size() == 2 && node.input(0) &&
        flow.isConstant(*node.input(0))) {
      traits.hasLookup = true;
      noteTable(node, *weight);
    }
    traits.hasMean |= op == "ReduceMean";
    traits.hasRoot |= op == "Sqrt" || op == "Pow";
    if (op == "Sigmoid" || op == "Swish")
      traits.hasSigmoid = true;
    else if (op != "Mul" && op != "Cast" && op != "Identity")
      traits.hasOthers = true;
  }

  /// A column of angles that positions are multiplied with is none.
  static bool isMatrix(const ir::Tensor &tensor) {
    llvm::ArrayRef<int64_t> dims = tensor.dims();
    return dims.size() >= 2 && dims[dims.size() - 1] > 1 && dims[dims.size() - 2] > 1;
  }

  void noteTable(const ir::Node &node, const ir::Tensor &table) {
    int64_t width = table.dims().back();
    // A packed table has fewer columns than its rows have elements.
    if (const ir::Value *rows = node.output(0); rows && rows->type().shape())
      if (const ir::Shape &shape = *rows->type().shape(); !shape.empty() && shape.back().extent)
        width = *shape.back().extent;
    kinds.hidden =
        std::max(kinds.hidden.value_or(0), static_cast<uint64_t>(std::max<int64_t>(width, 0)));
  }

  void noteVector(uint32_t node, uint64_t &width) const {
    if (weights[node] && weights[node]->dims().size() == 1)
      width = std::max(width, weights[node]->elementCount());
  }

  static ModuleKind kindOf(const Traits &traits) {
    if (traits.hasProduct)
      return ModuleKind::Linear;
    if (traits.hasLookup)
      return ModuleKind::Embedding;
    if (traits.hasNorm || (traits.hasMean && traits.hasRoot))
      return ModuleKind::Norm;
    return traits.hasSigmoid && !traits.hasOthers ? ModuleKind::Silu : ModuleKind::Other;
  }

  const Dataflow &flow;
  const std::vector<const ir::Tensor *> weights;
  ModuleKinds kinds;
};

} // namespace

ModuleKinds findModuleKinds(const Dataflow &flow, llvm::ArrayRef<uint32_t> rowOf, uint32_t rows) {
  return Classifier(flow).run(rowOf, rows);
}

uint64_t publishedFlops(const ModuleKinds &kinds, uint32_t row, uint64_t params) {
  constexpr uint64_t OfLinear = 2, OfNorm = 4, OfSilu = 6;
  switch (kinds.ofRow[row]) {
  case ModuleKind::Linear:
    return llvm::SaturatingMultiply(OfLinear, params);
  case ModuleKind::Embedding:
    return 1;
  case ModuleKind::Norm:
    return llvm::SaturatingMultiply(OfNorm, kinds.hidden.value_or(kinds.normWidth[row]));
  case ModuleKind::Silu:
    return llvm::SaturatingMultiply(OfSilu, kinds.hidden.value_or(0));
  case ModuleKind::Other:
    break;
  }
  return 0;
}

} // namespace optrun

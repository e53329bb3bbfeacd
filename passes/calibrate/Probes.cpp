// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Adds ReduceSumSquare behind the inputs of products.

#include "Probes.h"

#include "optrun/Compression/Weights.h"
#include "optrun/Transforms/ComponentEditor.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::calibrate {
namespace {

/// Since this opset, the axes of ReduceSumSquare are an operand.
constexpr int64_t AxesAreOperands = 18;

class ProbeBuilder {
public:
  explicit ProbeBuilder(ir::Component &model)
      : model(model), editor(model),
        axesAreOperands(model.opsetVersion("").value_or(1) >= AxesAreOperands) {}

  void add(const Weight &weight) {
    // A single input is as important as itself.
    if (weight.layout.columns == 1)
      return;
    // Gather multiplies with nothing.
    auto isProduct = [](const WeightUse &use) { return use.kind != WeightUse::Kind::Gather; };
    auto products = make_filter_range(weight.uses, isProduct);
    if (products.empty())
      return;
    if (!all_of(products, [&](const WeightUse &use) { return canProbe(use); }))
      return probes.left.push_back(weight.names.front());
    std::vector<size_t> inputs;
    for (const WeightUse &use : products)
      inputs.push_back(probe(*multipliedInputs(use), use, weight.layout.columns));
    probes.weights.push_back({weight.names.front(), std::move(inputs)});
  }

  /// Only now, as nodes of the model that no probe needs are part of it until then.
  Probes finish() {
    while (!model.graph.outputs().empty())
      model.graph.unmarkOutput(*model.graph.outputs().front());
    for (ir::Value *sum : sums)
      model.graph.markOutput(*sum);
    eraseDeadNodes();
    editor.eraseUnusedConstants();
    return std::move(probes);
  }

private:
  /// Values of nested graphs cannot be outputs of the model.
  bool canProbe(const WeightUse &use) const {
    return multipliedInputs(use) && &use.node->graph() == &model.graph;
  }

  size_t probe(ir::Value &inputs, const WeightUse &use, uint64_t columns) {
    const auto [known, isNew] = probeOf.try_emplace(&inputs, probes.inputs.size());
    if (isNew) {
      sums.push_back(sumSquares(inputs, use, static_cast<int64_t>(columns)));
      probes.inputs.push_back({sums.back()->name().str(), columns});
    }
    return known->second;
  }

  ir::Value *sumSquares(ir::Value &inputs, const WeightUse &use, int64_t columns) {
    ir::Value *numbers = editor.cast(&inputs, use.type, ir::DataType::Float32, *use.node);
    ir::Value *rows = editor.add({.op = "Reshape",
                                  .inputs = {numbers, editor.integers({-1, columns})},
                                  .type = ir::Type::tensor(ir::DataType::Float32)},
                                 *use.node);
    SmallVector<ir::Value *, 2> operands = {rows};
    SmallVector<NewAttribute, 2> attributes = {{"keepdims", int64_t{0}}};
    if (axesAreOperands)
      operands.push_back(editor.integers({0}));
    else
      attributes.push_back({"axes", std::vector<int64_t>{0}});
    return editor.add({.op = "ReduceSumSquare",
                       .inputs = operands,
                       .attributes = attributes,
                       .type = tensorType(ir::DataType::Float32, {columns})},
                      *use.node);
  }

  void eraseDeadNodes() {
    auto isNeeded = [](const ir::Value *value) {
      return value && (value->hasUses() || value->isOutput() || value->isNestedOutput());
    };
    for (ir::Node &node : make_early_inc_range(reverse(model.graph.nodes())))
      if (none_of(node.outputs(), isNeeded))
        model.graph.eraseNode(node);
  }

  ir::Component &model;
  ComponentEditor editor;
  bool axesAreOperands;
  Probes probes;
  std::vector<ir::Value *> sums; // of each probe
  DenseMap<const ir::Value *, size_t> probeOf;
};

} // namespace

Probes addProbes(ir::Component &model) {
  const Weights weights = findWeights({&model});
  ProbeBuilder builder(model);
  for (const Weight &weight : weights.found)
    builder.add(weight);
  return builder.finish();
}

} // namespace optrun::calibrate

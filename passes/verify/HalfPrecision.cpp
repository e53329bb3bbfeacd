// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rounds the original's values where components hand them on.

#include "HalfPrecision.h"

#include "llvm/ADT/StringSet.h"

#include <algorithm>

using namespace llvm;

namespace optrun::verify {
namespace {

bool isHalf(ir::DataType type) {
  return type == ir::DataType::Float16 || type == ir::DataType::BFloat16;
}

/// The last component before \p index that has \p name as an output.
std::optional<size_t> findProducer(Chain chain, size_t index, StringRef name) {
  while (index-- > 0) {
    const ir::Value *value = chain[index]->graph.findValue(name);
    if (value && value->isOutput() && value->producer())
      return index;
  }
  return std::nullopt;
}

/// The node of \p graph that is \p node or holds it in a nested graph.
const ir::Node *nodeIn(const ir::Graph &graph, const ir::Node *node) {
  while (node && &node->graph() != &graph)
    node = node->graph().parentNode();
  return node;
}

/// Whether \p component has a copy of \p node: nodes keep the names of what they compute.
bool holds(const ir::Component &component, const ir::Node &node) {
  for (const ir::Value *output : node.outputs())
    if (output) {
      const ir::Value *copy = component.graph.findValue(output->name());
      return copy && copy->producer();
    }
  return false;
}

Error roundAt(ir::Component &original, const ir::Component &producer, StringRef name) {
  ir::Value *value = original.graph.findValue(name);
  if (!value || !value->producer())
    return Error::success();
  SmallVector<ir::Use *> elsewhere;
  for (ir::Use &use : value->uses()) {
    const ir::Node *user = nodeIn(original.graph, use.user());
    if (user && !holds(producer, *user))
      elsewhere.push_back(&use);
  }
  // Two of them: a single node between others that are computed in single precision is computed so
  // itself by ONNX Runtime, without the rounding on its way in and out.
  ir::Value *last = value;
  for (const char *step : {"/handed on", "/rounded for comparison"}) {
    Expected<ir::Value *> rounded = original.graph.addValue((name + step).str(), value->type());
    if (!rounded)
      return rounded.takeError();
    ir::NodeSpec spec;
    spec.opType = "Identity";
    spec.name = (*rounded)->name().str();
    spec.inputs = last;
    spec.outputs = *rounded;
    auto next = std::next(last->producer()->getIterator());
    ir::Node *before = next == original.graph.nodes().end() ? nullptr : &*next;
    if (Error error = original.graph.addNode(spec, before).takeError())
      return error;
    last = *rounded;
  }
  for (ir::Use *use : elsewhere)
    use->user()->setInput(use->operandIndex(), last);
  return Error::success();
}

} // namespace

std::vector<HalfPrecisionCut> findHalfPrecisionCuts(Chain chain) {
  std::vector<HalfPrecisionCut> cuts;
  StringSet<> seen;
  for (size_t i = 0; i != chain.size(); ++i)
    for (const ir::Value *input : chain[i]->graph.inputs()) {
      if (input->isInitializer() || !isHalf(input->type().elementType()))
        continue;
      std::optional<size_t> producer = findProducer(chain, i, input->name());
      if (producer && seen.insert(input->name()).second)
        cuts.push_back({input->name().str(), *producer, input->type().elementType()});
    }
  return cuts;
}

Error roundAtCuts(ir::Component &original, Chain chain, ArrayRef<HalfPrecisionCut> cuts) {
  for (const HalfPrecisionCut &cut : cuts)
    if (Error error = roundAt(original, *chain[cut.producer], cut.value))
      return error;
  return Error::success();
}

double roundingTolerance(ArrayRef<HalfPrecisionCut> cuts) {
  double largest = 0;
  for (const HalfPrecisionCut &cut : cuts) {
    // Units in the last place of 1: ten and seven bits after the point.
    double unit = cut.type == ir::DataType::Float16 ? 0x1p-10 : 0x1p-7;
    largest = std::max(largest, 8 * unit);
  }
  return largest;
}

} // namespace optrun::verify

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The model that benchmarks of graphs use, of any size.

#ifndef OPTRUN_FRAMEWORK_BENCHMARKS_LAYEREDMODEL_H
#define OPTRUN_FRAMEWORK_BENCHMARKS_LAYEREDMODEL_H

#include "optrun/IR/Package.h"

namespace optrun {

/// A chain of residual blocks, eight nodes each with three weights, named as exporters do.
inline std::unique_ptr<ir::Component> makeLayeredModel(int64_t nodes) {
  auto component = std::make_unique<ir::Component>();
  component->irVersion = 10;
  component->opsets = {{"", 21}};
  ir::Graph &graph = component->graph;
  graph.name = "benchmark";
  ir::Shape shape(3);
  shape[0].symbol = "batch";
  shape[1].symbol = "sequence";
  shape[2].extent = 64;
  auto value = [&](const std::string &name) { return llvm::cantFail(graph.addValue(name)); };
  ir::Value *hidden = value("input");
  hidden->setType(ir::Type::tensor(ir::DataType::Float32, shape));
  graph.markInput(*hidden);

  auto weight = [&](const std::string &name) {
    ir::Value *result = value(name);
    std::vector<uint8_t> bytes(64 * 4);
    graph.setInitializer(*result,
                         llvm::cantFail(ir::Tensor::create(name, ir::DataType::Float32, {64},
                                                           ir::makeInlineSource(bytes))));
    return result;
  };
  auto node = [&](const std::string &path, const char *op, llvm::ArrayRef<ir::Value *> inputs) {
    ir::Value *result = value(path + "/" + op + "_output_0");
    llvm::cantFail(graph.addNode(
        {.opType = op, .name = path + "/" + op, .inputs = inputs, .outputs = result}));
    return result;
  };
  for (int64_t layer = 0; layer < nodes / 8; ++layer) {
    std::string path = "/model/layers." + std::to_string(layer) + "/mlp";
    ir::Value *scaled = node(path, "Mul", {hidden, weight(path + ".weight")});
    ir::Value *shifted = node(path, "Add", {scaled, weight(path + ".bias")});
    ir::Value *gate = node(path, "Sigmoid", {shifted});
    ir::Value *gated = node(path + "/gate", "Mul", {gate, shifted});
    ir::Value *root = node(path, "Sqrt", {gated});
    ir::Value *bounded = node(path, "Tanh", {root});
    ir::Value *centered = node(path, "Sub", {bounded, weight(path + ".mean")});
    hidden = node(path + "/residual", "Add", {centered, hidden});
  }
  graph.markOutput(*hidden);
  return component;
}

} // namespace optrun

#endif // OPTRUN_FRAMEWORK_BENCHMARKS_LAYEREDMODEL_H

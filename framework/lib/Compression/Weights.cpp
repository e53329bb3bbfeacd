// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds weights from the constants on: what reads each of them, and in which direction.

#include "optrun/Compression/Weights.h"

#include "WeightOperand.h"

#include "optrun/Analysis/Dataflow.h"
#include "optrun/IR/Constants.h"
#include "optrun/IR/Payloads.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun {
namespace {

/// What reads one constant.
struct Readers {
  std::vector<WeightUse> uses;
  std::optional<MatrixLayout> layout;
  std::string obstacle; // why it has to stay, when there is something
};

/// Follows a constant to its readers.
class ReaderSearch {
public:
  ReaderSearch(ir::Component &component, const ir::Tensor &tensor)
      : component(component), tensor(tensor) {}

  Readers run(ir::Value &value) {
    home = &value.graph();
    follow(value, tensor.dataType(), /*isTransposed=*/false);
    return std::move(readers);
  }

private:
  void follow(ir::Value &value, ir::DataType type, bool isTransposed) {
    if (value.isOutput() || value.isNestedOutput())
      object("is an output of a graph");
    for (ir::Use &use : value.uses())
      follow(use, type, isTransposed);
  }

  void follow(ir::Use &use, ir::DataType type, bool isTransposed) {
    ir::Node &node = *use.user();
    if (std::optional<Passage> passage = passageThrough(node, type, tensor.dims().size())) {
      if (ir::Value *result = node.output(0))
        follow(*result, passage->type, isTransposed != passage->transposes);
      return;
    }
    std::optional<OperandLayout> operand =
        layoutOfOperand(node, use.operandIndex(), tensor.dims(), isTransposed);
    if (!operand)
      return object("is used by " + describeNode(node) + ", too");
    if (readers.layout && *readers.layout != operand->stored)
      return object("is used in two directions");
    readers.layout = operand->stored;
    readers.uses.push_back(
        {operand->kind, &node, use.operandIndex(), &component, home, type, operand->rowsFirst});
  }

  void object(std::string reason) {
    if (readers.obstacle.empty())
      readers.obstacle = std::move(reason);
  }

  ir::Component &component;
  const ir::Tensor &tensor;
  ir::Graph *home = nullptr;
  Readers readers;
};

/// Puts together what holds the same payload.
class WeightCollector {
public:
  void visit(ir::Component &component) {
    ir::forEachConstant(component.graph, [&](ir::Value &value, const ir::TensorRef &tensor) {
      add(component, value, tensor);
    });
    for (const std::unique_ptr<ir::Function> &function : component.functions)
      ir::forEachConstant(function->body, [&](ir::Value &value, const ir::TensorRef &tensor) {
        if (canBeWeight(*tensor) && inFunctions.add(*tensor).second) // copies share payloads
          weights.left.push_back({value.name().str(),
                                  "is inside of the function '" + function->name + "'",
                                  tensor->elementCount()});
      });
  }

  Weights take() {
    for (Entry &entry : entries) {
      if (entry.readers.uses.empty())
        continue;
      if (entry.readers.obstacle.empty())
        weights.found.push_back(std::move(entry.weight));
      else
        weights.left.push_back({entry.weight.names.front(), std::move(entry.readers.obstacle),
                                entry.weight.tensor->elementCount()});
    }
    return std::move(weights);
  }

private:
  struct Entry {
    Weight weight;
    Readers readers; // of all values; the uses are in the weight
  };

  static bool isPartOfQuantizedMatrix(const ir::Tensor &tensor) {
    return llvm::any_of(tensor.metadata,
                        [](const auto &entry) { return entry.first == QuantizedMatrixKey; });
  }

  static bool canBeWeight(const ir::Tensor &tensor) {
    return (tensor.dataType() == ir::DataType::Float32 ||
            tensor.dataType() == ir::DataType::Float16 ||
            tensor.dataType() == ir::DataType::BFloat16) &&
           tensor.dims().size() >= 2 && tensor.elementCount() != 0;
  }

  void add(ir::Component &component, ir::Value &value, const ir::TensorRef &tensor) {
    if (!canBeWeight(*tensor))
      return;
    Readers readers = ReaderSearch(component, *tensor).run(value);
    // Before IR version 4 every initializer was an input, too.
    if (value.isInput() && component.irVersion >= 4)
      readers.obstacle = "is an input that callers may set";
    if (isPartOfQuantizedMatrix(*tensor))
      readers.obstacle = "is part of a matrix that is quantized already";
    merge(entryFor(value, tensor), value, std::move(readers));
  }

  Entry &entryFor(const ir::Value &value, const ir::TensorRef &tensor) {
    const size_t payload = payloads.add(*tensor).first;
    auto [known, isNew] = entryOf.try_emplace(payload, entries.size());
    if (isNew) {
      entries.emplace_back();
      entries.back().weight.tensor = tensor;
    }
    Entry &entry = entries[known->second];
    if (entry.weight.tensor->dataType() != tensor->dataType() ||
        entry.weight.tensor->dims() != tensor->dims())
      entry.readers.obstacle = "has two shapes or types";
    if (!llvm::is_contained(entry.weight.names, value.name()))
      entry.weight.names.push_back(value.name().str());
    return entry;
  }

  static void merge(Entry &entry, const ir::Value &value, Readers readers) {
    std::string &obstacle = entry.readers.obstacle;
    if (obstacle.empty())
      obstacle = std::move(readers.obstacle);
    if (readers.uses.empty()) {
      if (value.hasUses() && obstacle.empty())
        obstacle = "is used in another way, too";
      return;
    }
    if (entry.readers.layout && entry.readers.layout != readers.layout && obstacle.empty())
      obstacle = "is used in two directions";
    Weight &weight = entry.weight;
    entry.readers.layout = readers.layout;
    weight.layout = *readers.layout;
    for (WeightUse &use : readers.uses) {
      const std::string &module = use.node->modulePath;
      if (!module.empty() && !llvm::is_contained(weight.modules, module))
        weight.modules.push_back(module);
      weight.uses.push_back(use);
      entry.readers.uses.push_back(use);
    }
  }

  Weights weights;
  std::vector<Entry> entries; // by first appearance
  llvm::DenseMap<size_t, size_t> entryOf;
  ir::PayloadIndex payloads, inFunctions;
};

} // namespace

ir::Value *multipliedInputs(const WeightUse &use) {
  const bool sumsOverLastAxis =
      use.kind == WeightUse::Kind::MatMulRight ||
      (use.kind == WeightUse::Kind::Gemm && use.node->intAttribute("transA").value_or(0) == 0);
  return sumsOverLastAxis ? use.node->input(0) : nullptr;
}

Weights findWeights(llvm::ArrayRef<ir::Component *> components) {
  WeightCollector collector;
  for (ir::Component *component : components)
    collector.visit(*component);
  return collector.take();
}

} // namespace optrun

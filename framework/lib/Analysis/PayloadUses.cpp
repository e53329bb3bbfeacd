// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Collects the payloads of rows, row by row.

#include "optrun/Analysis/PayloadUses.h"

#include "IR/FunctionKey.h"
#include "ParameterCount.h"

#include "optrun/IR/Constants.h"
#include "optrun/IR/Payloads.h"

#include "llvm/ADT/StringMap.h"

#include <algorithm>

namespace optrun {
namespace {

class Collector {
public:
  Collector(const ir::Component &component, const Dataflow &flow)
      : component(component), flow(flow), visitedFor(flow.size(), NoRow) {
    for (const std::unique_ptr<ir::Function> &function : component.functions)
      functions.try_emplace(ir::functionKey(function->domain, function->name, function->overload),
                            function.get());
  }

  PayloadUses run(llvm::ArrayRef<uint32_t> rowOf, uint32_t rows) {
    // A row's nodes one after the other, so that a mark tells what it has already.
    std::vector<std::vector<uint32_t>> nodesOf(rows);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (rowOf[node] != NoRow)
        nodesOf[rowOf[node]].push_back(node);
    uses.ofRow.resize(rows);
    for (row = 0; row < rows; ++row)
      for (uint32_t node : nodesOf[row])
        visit(node);
    const size_t used = uses.bytes.size();
    row = rows;
    ir::forEachTensor(component, [&](const ir::TensorRef &tensor) {
      const uint32_t payload = numberOf(*tensor);
      if (payload >= used && marked[payload] != row) {
        marked[payload] = row;
        uses.unused.push_back(payload);
      }
    });
    countAllParameters(component.graph);
    for (const std::unique_ptr<ir::Function> &function : component.functions)
      countAllParameters(function->body);
    return std::move(uses);
  }

private:
  uint32_t numberOf(const ir::Tensor &tensor) {
    const auto [number, isNew] = payloads.add(tensor);
    if (isNew) {
      uses.bytes.push_back(tensor.byteSize());
      uses.params.push_back(0);
      marked.push_back(NoRow);
    }
    return static_cast<uint32_t>(number);
  }

  void add(const ir::Tensor &tensor) {
    const uint32_t payload = numberOf(tensor);
    if (marked[payload] == row)
      return;
    marked[payload] = row;
    uses.ofRow[row].push_back(payload);
  }

  template <typename T> void addTensors(const T &holder) {
    ir::forEachTensor(holder, [&](const ir::TensorRef &tensor) { add(*tensor); });
  }

  void visit(uint32_t start) {
    std::vector<uint32_t> pending = {start};
    while (!pending.empty()) {
      const uint32_t index = pending.back();
      pending.pop_back();
      if (visitedFor[index] == row)
        continue;
      visitedFor[index] = row;
      addTensors(flow.node(index));
      addCalled(flow.node(index));
      for (size_t i = 0; i < flow.operands(index).size(); ++i) {
        const uint32_t producer = flow.producers(index)[i];
        if (producer == Dataflow::None)
          addTensors(*flow.operands(index)[i]);
        else if (flow.foldsConstants(producer))
          pending.push_back(producer);
      }
    }
  }

  /// The constants of functions that \p node calls, directly, in nested graphs or through others.
  void addCalled(const ir::Node &node) {
    if (functions.empty())
      return;
    if (const ir::Function *function =
            functions.lookup(ir::functionKey(node.domain(), node.opType(), node.overload()))) {
      auto [mark, isNew] = functionMarks.try_emplace(function, row);
      if (isNew || mark->second != row) {
        mark->second = row;
        addTensors(*function);
        for (const ir::Node &inner : function->body.nodes())
          addCalled(inner);
      }
    }
    node.forEachSubgraph([&](ir::Graph &graph) {
      for (const ir::Node &inner : graph.nodes())
        addCalled(inner);
    });
  }

  /// A payload that several nodes use holds what the one sees that sees the most.
  void countAllParameters(const ir::Graph &graph) {
    auto count = [&](const ir::Tensor &tensor, uint64_t params) {
      uint64_t &known = uses.params[numberOf(tensor)];
      known = std::max(known, params);
    };
    ir::forEachConstant(graph, [&](ir::Value &value, const ir::TensorRef &tensor) {
      for (const ir::Use &use : value.uses())
        count(*tensor, countParameters(*use.user(), use.operandIndex(), *tensor));
    });
  }

  const ir::Component &component;
  const Dataflow &flow;
  PayloadUses uses;
  ir::PayloadIndex payloads;
  uint32_t row = 0;
  std::vector<uint32_t> marked;     // for each payload, the last row that has it
  std::vector<uint32_t> visitedFor; // for each node
  llvm::StringMap<const ir::Function *> functions;
  llvm::DenseMap<const ir::Function *, uint32_t> functionMarks;
};

} // namespace

PayloadUses findPayloadUses(const ir::Component &component, const Dataflow &flow,
                            llvm::ArrayRef<uint32_t> rowOf, uint32_t rows) {
  return Collector(component, flow).run(rowOf, rows);
}

} // namespace optrun

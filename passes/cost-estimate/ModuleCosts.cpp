// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows of modules.

#include "ModuleCosts.h"

#include "PublishedFlops.h"

#include "optrun/Analysis/PayloadUses.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

namespace optrun {
namespace {

class Rows {
public:
  Rows(const ir::Component &component, const Dataflow &flow, const GraphCost &cost,
       CostPrecision precision)
      : component(component), flow(flow), cost(cost) {
    model.precision = precision;
    model.batch = cost.extents.batch;
    model.sequence = cost.extents.sequence;
    model.context = cost.extents.past;
  }

  CostModel build() {
    assignNodes();
    const auto rows = static_cast<uint32_t>(model.rows.size());
    uses = findPayloadUses(component, flow, rowOf, rows);
    rowOfPayload.assign(uses.bytes.size(), NoRow);
    for (uint32_t row = 0; row < rows; ++row)
      addPayloads(row, uses.ofRow[row]);
    addPublishedFlops();
    if (!uses.unused.empty()) {
      model.rows.emplace_back().module = CostModel::Unused.str();
      addPayloads(rows, uses.unused);
    }
    return std::move(model);
  }

private:
  void assignNodes() {
    llvm::StringMap<uint32_t> rowOfModule;
    rowOf.assign(flow.size(), NoRow);
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (flow.foldsConstants(node))
        continue;
      const std::string &path = flow.node(node).modulePath;
      const llvm::StringRef module =
          path.empty() ? llvm::StringRef(CostModel::NoModule) : llvm::StringRef(path);
      const auto [row, isNew] =
          rowOfModule.try_emplace(module, static_cast<uint32_t>(model.rows.size()));
      if (isNew)
        model.rows.emplace_back().module = module.str();
      rowOf[node] = row->second;
      addRun(model.rows[row->second], cost.nodes[node]);
    }
  }

  static void addRun(ModuleCost &row, const NodeCost &node) {
    row.activationBytes = llvm::SaturatingAdd(row.activationBytes, node.outputBytes);
    row.movedBytes = llvm::SaturatingAdd(row.movedBytes, node.movedBytes);
    row.cacheBytes = llvm::SaturatingAdd(row.cacheBytes, node.cacheBytes);
    row.flops = llvm::SaturatingAdd(row.flops, node.flops);
    row.attentionFlops = llvm::SaturatingAdd(row.attentionFlops, node.attentionFlops);
  }

  void addPayloads(uint32_t index, llvm::ArrayRef<uint32_t> payloads) {
    ModuleCost &row = model.rows[index];
    uint64_t largestTied = 0;
    for (uint32_t payload : payloads) {
      const uint64_t bytes = uses.bytes[payload], params = uses.params[payload];
      const bool isTied = rowOfPayload[payload] != NoRow;
      row.storedBytes += bytes;
      row.params += params;
      row.bytes += params > 0 ? bytes : 0;
      if (!isTied) {
        rowOfPayload[payload] = index;
        continue;
      }
      row.tiedStoredBytes += bytes;
      row.tiedParams += params;
      row.tiedBytes += params > 0 ? bytes : 0;
      // Constants that all modules use (an epsilon, an axis) are not worth a word.
      if (params > 0 && bytes > largestTied) {
        largestTied = bytes;
        row.tiedTo = model.rows[rowOfPayload[payload]].module;
      }
    }
    if (model.precision == CostPrecision::Keep)
      return;
    row.bytes = bytesAtPrecision(model.precision, row.params);
    row.tiedBytes = row.bytes - bytesAtPrecision(model.precision, row.params - row.tiedParams);
  }

  void addPublishedFlops() {
    const auto rows = static_cast<uint32_t>(model.rows.size());
    const ModuleKinds kinds = findModuleKinds(flow, rowOf, rows);
    const uint64_t tokens = llvm::SaturatingMultiply(static_cast<uint64_t>(model.batch),
                                                     static_cast<uint64_t>(model.sequence));
    for (uint32_t row = 0; row < rows; ++row)
      if (ModuleCost &module = model.rows[row]; module.module != CostModel::NoModule)
        module.publishedFlops =
            llvm::SaturatingMultiply(tokens, publishedFlops(kinds, row, module.params));
  }

  const ir::Component &component;
  const Dataflow &flow;
  const GraphCost &cost;
  CostModel model;
  std::vector<uint32_t> rowOf; // of nodes
  PayloadUses uses;
  std::vector<uint32_t> rowOfPayload; // the first that uses it
};

} // namespace

CostModel costOfModules(const ir::Component &component, const Dataflow &flow, const GraphCost &cost,
                        CostPrecision precision) {
  return Rows(component, flow, cost, precision).build();
}

} // namespace optrun

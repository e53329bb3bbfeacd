// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Groups rows and prints them.

#include "CostTable.h"

#include "optrun/Support/ByteSize.h"
#include "optrun/Support/Quantity.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace optrun {
namespace {

/// More would be no overview.
constexpr size_t MaxModules = 16;

bool isEmpty(const ModuleCost &cost) {
  return cost.storedBytes == 0 && cost.flops == 0 && cost.cacheBytes == 0;
}

std::string describeBlock(const RepeatedBlock &block) {
  return block.path + " (" + std::to_string(block.layers.size()) + " layers)";
}

/// The layer that \p module is in; false for others in the list's path.
bool isInLayer(llvm::StringRef module, const RepeatedBlock &block,
               const llvm::StringSet<> &layers) {
  if (!module.starts_with(block.path))
    return false;
  for (llvm::StringRef path = module; path.size() > block.path.size();) {
    if (layers.contains(path))
      return true;
    if (!path.contains('.'))
      break;
    path = path.rsplit('.').first;
  }
  return false;
}

std::string precisionTitle(CostPrecision precision) {
  switch (precision) {
  case CostPrecision::Keep:
    return "stored";
  case CostPrecision::Fp32:
    return "fp32";
  case CostPrecision::Fp16:
    return "fp16";
  case CostPrecision::Int8:
    return "int8";
  case CostPrecision::Int4:
    return "int4";
  }
  return "";
}

} // namespace

std::vector<CostGroup> groupCosts(const CostModel &model, const RepeatedBlock *block) {
  llvm::StringSet<> layers;
  if (block)
    layers.insert(block->layers.begin(), block->layers.end());
  size_t others = 0;
  for (const ModuleCost &row : model.rows)
    others += !isEmpty(row) && !(block && isInLayer(row.module, *block, layers));

  std::vector<std::pair<std::string, std::vector<ModuleCost>>> groups;
  llvm::StringMap<size_t> groupOf;
  for (const ModuleCost &row : model.rows) {
    if (isEmpty(row))
      continue;
    std::string title = row.module;
    if (block && isInLayer(row.module, *block, layers))
      title = describeBlock(*block);
    else if (others > MaxModules)
      title = llvm::StringRef(row.module).split('.').first.str();
    else if (!row.tiedTo.empty())
      title += " (tied to " + row.tiedTo + ")";
    const auto [group, isNew] = groupOf.try_emplace(title, groups.size());
    if (isNew)
      groups.push_back({title, {}});
    groups[group->second].second.push_back(row);
  }
  std::vector<CostGroup> result;
  for (const auto &[title, rows] : groups)
    result.push_back({title, totalCost(rows)});
  return result;
}

Table makeCostTable(const CostModel &model, const RepeatedBlock *block) {
  std::vector<Table::Column> columns = {
      {"module"}, {"parameters", Table::Align::Right}, {"stored", Table::Align::Right}};
  const bool hasPrecision = model.precision != CostPrecision::Keep;
  if (hasPrecision)
    columns.push_back({precisionTitle(model.precision), Table::Align::Right});
  for (const char *title : {"KV cache", "activations", "FLOPs", "FLOPs/byte"})
    columns.push_back({title, Table::Align::Right});
  Table table(std::move(columns));
  auto addRow = [&](const std::string &title, const ModuleCost &cost) {
    std::vector<std::string> cells = {title, formatCount(cost.params),
                                      formatByteSize(cost.storedBytes)};
    if (hasPrecision)
      cells.push_back(formatByteSize(cost.bytes));
    cells.push_back(formatByteSize(cost.cacheBytes));
    cells.push_back(formatByteSize(cost.activationBytes));
    cells.push_back(formatCount(cost.flops));
    cells.push_back(formatRatio(cost.intensity()));
    table.addRow(std::move(cells));
  };
  const std::vector<CostGroup> groups = groupCosts(model, block);
  for (const CostGroup &group : groups)
    addRow(group.title, group.cost);
  if (!groups.empty())
    table.addRule();
  addRow("total", totalCost(model.rows));
  return table;
}

} // namespace optrun

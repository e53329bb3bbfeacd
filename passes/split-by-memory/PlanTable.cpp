// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Columns of the table of a plan.

#include "PlanTable.h"

#include "optrun/Support/Quantity.h"

#include "llvm/Support/MathExtras.h"

#include <functional>

namespace optrun {
namespace {

using planning::Bound;
using planning::PlannedComponent;

llvm::StringRef nameOf(Bound bound) {
  switch (bound) {
  case Bound::Unknown:
    return "-";
  case Bound::Compute:
    return "arithmetic";
  case Bound::Memory:
    return "memory";
  case Bound::Transfer:
    return "transfer";
  }
  llvm_unreachable("no such bound");
}

std::string intensityOf(uint64_t flops, uint64_t bytes) {
  return bytes == 0 ? "-" : formatRatio(static_cast<double>(flops) / static_cast<double>(bytes));
}

using Cell = std::function<std::string(uint32_t component)>;

/// A column: what it says of a component and in the row of totals.
struct PlanColumn {
  std::string title;
  Cell cell;
  std::string total;
  Table::Align align;
};

class PlanColumns {
public:
  explicit PlanColumns(const PlannedSplit &split)
      : split(split), parts(split.plan.parts), components(split.figures.components) {
    addText("component", [this](uint32_t i) { return parts[i].component; }, "total");
    if (llvm::any_of(parts, [](const SplitPlan::Part &part) { return !part.device.empty(); }))
      addText("device", [this](uint32_t i) { return parts[i].device; });
    addMemory();
    addWork();
    addText("runs", [this](uint32_t i) { return this->split.ranges[i]; });
  }
  PlanColumns(const PlanColumns &) = delete; // cells refer to this

  std::vector<PlanColumn> columns;

private:
  void addMemory() {
    addBytes("weights", [this](uint32_t i) { return parts[i].plannedBytes; });
    if (reservesMemory())
      addBytes("reserved", [this](uint32_t i) { return split.reservedBytes(i); });
    if (llvm::any_of(components, [](const PlannedComponent &each) { return each.cacheBytes > 0; }))
      addBytes("KV cache", [this](uint32_t i) { return components[i].cacheBytes; });
    addNumber("activations",
              [this](uint32_t i) { return formatByteSize(components[i].activationBytes); });
    if (llvm::none_of(parts, [](const SplitPlan::Part &part) { return !!part.budgetBytes; }))
      return;
    addNumber("budget", [this](uint32_t i) {
      return parts[i].budgetBytes ? formatByteSize(*parts[i].budgetBytes) : "-";
    });
    addNumber("full", [this](uint32_t i) {
      return parts[i].budgetBytes ? formatPercent(split.countedBytes(i), *parts[i].budgetBytes)
                                  : "-";
    });
  }

  bool reservesMemory() const {
    for (uint32_t i = 0; i < components.size(); ++i)
      if (split.reservedBytes(i) > 0)
        return true;
    return false;
  }

  void addWork() {
    uint64_t flops = 0, traffic = 0;
    for (const PlannedComponent &component : components) {
      flops += component.flops;
      traffic += component.trafficBytes;
    }
    addNumber(
        "FLOPs", [this](uint32_t i) { return formatCount(components[i].flops); },
        formatCount(flops));
    addNumber(
        "FLOPs/byte",
        [this](uint32_t i) { return intensityOf(components[i].flops, components[i].trafficBytes); },
        intensityOf(flops, traffic));
    addBytes("received", [this](uint32_t i) { return components[i].receivedBytes; });
    if (llvm::none_of(components, hasTime))
      return;
    addNumber(
        "time",
        [this](uint32_t i) {
          return hasTime(components[i]) ? formatPicoseconds(components[i].picoseconds) : "-";
        },
        llvm::all_of(components, hasTime) ? formatPicoseconds(split.figures.totalPicoseconds())
                                          : "-");
    addText("bound by", [this](uint32_t i) { return nameOf(components[i].bound).str(); });
  }

  static bool hasTime(const PlannedComponent &component) {
    return component.bound != Bound::Unknown;
  }

  void addText(const char *title, Cell cell, const char *total = "") {
    columns.push_back({title, std::move(cell), total, Table::Align::Left});
  }
  void addNumber(const char *title, Cell cell, std::string total = "") {
    columns.push_back({title, std::move(cell), std::move(total), Table::Align::Right});
  }
  void addBytes(const char *title, const std::function<uint64_t(uint32_t)> &bytesOf) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < components.size(); ++i)
      total = llvm::SaturatingAdd(total, bytesOf(i)); // a cost model may claim any size
    addNumber(
        title, [bytesOf](uint32_t i) { return formatByteSize(bytesOf(i)); }, formatByteSize(total));
  }

  const PlannedSplit &split;
  const std::vector<SplitPlan::Part> &parts;
  const std::vector<PlannedComponent> &components;
};

} // namespace

Table makePlanTable(const PlannedSplit &split) {
  const PlanColumns plan(split);
  std::vector<Table::Column> titles;
  for (const PlanColumn &column : plan.columns)
    titles.push_back({column.title, column.align});
  Table table(std::move(titles));
  auto addRow = [&](llvm::function_ref<std::string(const PlanColumn &)> cellOf) {
    std::vector<std::string> cells;
    for (const PlanColumn &column : plan.columns)
      cells.push_back(cellOf(column));
    table.addRow(std::move(cells));
  };
  const auto components = static_cast<uint32_t>(split.figures.components.size());
  for (uint32_t i = 0; i < components; ++i)
    addRow([&](const PlanColumn &column) { return column.cell(i); });
  if (components > 1) {
    table.addRule();
    addRow([](const PlanColumn &column) { return column.total; });
  }
  return table;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Matches rows of a cost model with modules by their paths.

#include "ModuleSizes.h"

#include "optrun/Analysis/PayloadUses.h"
#include "optrun/Analysis/WeightedNodes.h"
#include "optrun/Support/ByteSize.h"

#include "llvm/ADT/StringMap.h"

#include <map>

namespace optrun {
namespace {

/// Modules of a kind that is worth a warning: how many, and the first.
struct Finding {
  size_t count = 0;
  std::string first;

  void add(llvm::function_ref<std::string()> describe) {
    if (count++ == 0)
      first = describe();
  }
  std::string modules() const {
    return std::to_string(count) + (count == 1 ? " module" : " modules");
  }
};

class Comparison {
public:
  Comparison(llvm::ArrayRef<ModuleCost> rows, const ir::Component &component, const Dataflow &flow,
             const Partition &units)
      : rows(rows), component(component), flow(flow), units(units) {}

  llvm::Expected<ModuleSizes> run() {
    findNodes();
    const PayloadUses uses =
        findPayloadUses(component, flow, rowOf, static_cast<uint32_t>(rows.size()));
    for (uint32_t row = 0; row < rows.size(); ++row)
      compare(row, parametersOf(uses, uses.ofRow[row]));
    if (unknown.count > 0 && !hasModule)
      return llvm::createStringError(
          std::errc::invalid_argument,
          "the cost model is of another model: it has %s, and none of them is in this one, which "
          "has '%s'",
          unknown.first.c_str(), firstModule().c_str());
    warn();
    return std::move(result);
  }

private:
  struct Parameters {
    std::vector<uint32_t> payloads;
    uint64_t bytes = 0;
  };

  static Parameters parametersOf(const PayloadUses &uses, llvm::ArrayRef<uint32_t> payloads) {
    Parameters parameters;
    for (uint32_t payload : payloads)
      if (uses.params[payload] > 0) {
        parameters.payloads.push_back(payload);
        parameters.bytes += uses.bytes[payload];
      }
    llvm::sort(parameters.payloads);
    return parameters;
  }

  void findNodes() {
    llvm::StringMap<uint32_t> rowOfModule;
    for (uint32_t row = 0; row < rows.size(); ++row)
      rowOfModule.try_emplace(rows[row].module, row);
    const std::vector<const ir::Tensor *> weights = weightsOfNodes(flow);
    rowOf.assign(flow.size(), NoRow);
    nodeOf.assign(rows.size(), Dataflow::None);
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (flow.foldsConstants(node))
        continue;
      const auto found = rowOfModule.find(flow.node(node).modulePath);
      if (found == rowOfModule.end())
        continue;
      rowOf[node] = found->second;
      uint32_t &first = nodeOf[found->second];
      if (first == Dataflow::None || (weights[node] && !weights[first]))
        first = node;
    }
  }

  void compare(uint32_t row, Parameters parameters) {
    const ModuleCost &cost = rows[row];
    if (nodeOf[row] == Dataflow::None) {
      if (cost.bytes > 0 && cost.module != CostModel::NoModule && cost.module != CostModel::Unused)
        unknown.add([&] { return "'" + cost.module + "'"; });
      return;
    }
    hasModule = true;
    if (cost.bytes > parameters.bytes)
      reserve(units.partOf[nodeOf[row]], cost.bytes - parameters.bytes,
              std::move(parameters.payloads));
    else if (cost.bytes < parameters.bytes)
      smaller.add([&] {
        return "'" + cost.module + "' has " + formatByteSize(cost.bytes) + " there and " +
               formatByteSize(parameters.bytes) + " here";
      });
  }

  void reserve(uint32_t unit, uint64_t bytes, std::vector<uint32_t> payloads) {
    std::pair key(std::move(payloads), bytes);
    const bool isOwn = key.first.empty(); // there is nothing to be tied to
    const auto [known, isNew] = reserveOf.try_emplace(std::move(key), result.reserves.size());
    if (isNew || isOwn)
      result.reserves.push_back({{unit}, bytes});
    else
      result.reserves[known->second].units.push_back(unit);
  }

  void warn() {
    if (unknown.count > 0)
      result.warnings.push_back("the cost model has " + unknown.modules() +
                                " that this model does not have; the first is " + unknown.first);
    if (smaller.count > 0)
      result.warnings.push_back(
          "the cost model has less than the model stores for " + smaller.modules() +
          ", which count as they are stored; the first, " + smaller.first +
          "; to split by the size after quantization, quantize before the split");
  }

  std::string firstModule() const {
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!flow.node(node).modulePath.empty())
        return flow.node(node).modulePath;
    return "no modules";
  }

  llvm::ArrayRef<ModuleCost> rows;
  const ir::Component &component;
  const Dataflow &flow;
  const Partition &units;
  std::vector<uint32_t> rowOf;  // of nodes
  std::vector<uint32_t> nodeOf; // of rows: the one that says which unit
  bool hasModule = false;
  Finding unknown, smaller;
  std::map<std::pair<std::vector<uint32_t>, uint64_t>, size_t> reserveOf; // parameters and bytes
  ModuleSizes result;
};

} // namespace

llvm::Expected<ModuleSizes> compareSizes(llvm::ArrayRef<ModuleCost> rows,
                                         const ir::Component &component, const Dataflow &flow,
                                         const Partition &units) {
  return Comparison(rows, component, flow, units).run();
}

} // namespace optrun

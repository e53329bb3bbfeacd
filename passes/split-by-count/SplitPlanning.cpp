// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From layers to a partition. Every node first goes to a unit (a layer, with what belongs to it;
/// the embeddings; the head), then consecutive units are grouped into components, so that the bytes
/// of a component are known before it is cut.

#include "SplitPlanning.h"

#include "GivenAssignment.h"
#include "LayerGroups.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Analysis/WeightedNodes.h"
#include "optrun/Transforms/SplitPackage.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace optrun {
namespace {

llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

/// Seeds for what comes before the layers: everything that the embeddings are computed from and
/// with, and what several layers share. What a single layer uses (the length of its cache, say)
/// stays with it.
void seedEmbeddings(const Dataflow &flow, llvm::ArrayRef<uint32_t> layerOf,
                    std::vector<uint32_t> &seeds) {
  const std::vector<const ir::Tensor *> weights = weightsOfNodes(flow);
  llvm::BitVector afterLayers(flow.size()), afterWeights(flow.size());
  for (uint32_t node = 0; node < flow.size(); ++node) {
    bool isAfter = layerOf[node] != NoLayer, isWeighted = weights[node] != nullptr;
    for (uint32_t producer : flow.producers(node))
      if (producer != Dataflow::None && !flow.foldsConstants(producer)) {
        isAfter |= afterLayers.test(producer);
        isWeighted |= afterWeights.test(producer);
      }
    afterLayers[node] = isAfter;
    afterWeights[node] = isWeighted;
  }
  // The layers that use a node before any other layer does.
  std::vector<uint32_t> firstUser(flow.size(), NoLayer), lastUser(flow.size(), 0);
  for (uint32_t node = flow.size(); node-- > 0;) {
    if (afterLayers.test(node) ? layerOf[node] == NoLayer : firstUser[node] == NoLayer)
      continue;
    const bool isLayer = layerOf[node] != NoLayer;
    for (uint32_t producer : flow.producers(node)) {
      if (producer == Dataflow::None || afterLayers.test(producer))
        continue;
      firstUser[producer] =
          std::min(firstUser[producer], isLayer ? layerOf[node] : firstUser[node]);
      lastUser[producer] = std::max(lastUser[producer], isLayer ? layerOf[node] : lastUser[node]);
    }
    if (!isLayer && !flow.foldsConstants(node) &&
        (afterWeights.test(node) || firstUser[node] < lastUser[node]))
      seeds[node] = 0;
  }
}

/// Seeds for what follows the last layer and leads to no layer.
void seedHead(const Dataflow &flow, llvm::ArrayRef<uint32_t> layerOf, uint32_t lastLayer,
              uint32_t headUnit, std::vector<uint32_t> &seeds) {
  llvm::BitVector afterLast(flow.size()), beforeLayers(flow.size());
  for (uint32_t node = 0; node < flow.size(); ++node)
    for (uint32_t producer : flow.producers(node))
      if (producer != Dataflow::None &&
          (layerOf[producer] == lastLayer || afterLast.test(producer)))
        afterLast.set(node);
  for (uint32_t node = flow.size(); node-- > 0;) {
    const bool leadsToLayer = layerOf[node] != NoLayer || beforeLayers.test(node);
    if (!leadsToLayer && afterLast.test(node))
      seeds[node] = headUnit;
    for (uint32_t producer : flow.producers(node))
      if (producer != Dataflow::None && leadsToLayer)
        beforeLayers.set(producer);
  }
}

std::string describeLayers(const RepeatedBlock &block) {
  return std::to_string(block.layers.size()) + (block.layers.size() == 1 ? " layer" : " layers") +
         " in " + (block.path.empty() ? "the model" : block.path);
}

/// Nodes that had to leave their layer, because they use results of a later component.
void warnOfMovedNodes(const Dataflow &flow, llvm::ArrayRef<uint32_t> moved,
                      std::vector<std::string> &warnings) {
  if (moved.empty())
    return;
  const ir::Node &first = flow.node(moved.front());
  warnings.push_back(
      std::to_string(moved.size()) + (moved.size() == 1 ? " node uses" : " nodes use") +
      " results of later components than the one of " + (moved.size() == 1 ? "its" : "their") +
      " module and went there; the first is " + describeNode(first) + " of '" + first.modulePath +
      "'");
}

class Planner {
public:
  Planner(const ir::Component &component, const Dataflow &flow, const SplitByCountOptions &options)
      : component(component), flow(flow), options(options) {}

  llvm::Expected<PlannedSplit> plan() {
    GivenAssignment given = readGivenAssignment(component, options);
    if (!given.remark.empty())
      planned.remarks.push_back(given.remark);
    bool isGiven = !given.seeds.empty();
    if (isGiven) {
      if (llvm::Error error = assign(given.seeds, static_cast<uint32_t>(options.splits)))
        return error;
      // Modules that run earlier but are assigned to later parts draw the others after them.
      if (std::optional<uint32_t> part = emptyPart()) {
        planned.remarks = {"the model's split_assignments are not used: nothing can be in part " +
                           std::to_string(*part) + " and run before what is in the others"};
        isGiven = false;
      }
    }
    if (!isGiven)
      if (llvm::Error error = divideLayers())
        return error;
    if (llvm::Error incomplete = describeComponents())
      return incomplete;
    return std::move(planned);
  }

private:
  llvm::Error assign(llvm::ArrayRef<uint32_t> seeds, uint32_t parts) {
    llvm::Expected<Partition> partition = completePartition(flow, seeds, parts);
    if (!partition)
      return partition.takeError();
    planned.partition = std::move(*partition);
    return llvm::Error::success();
  }

  std::optional<uint32_t> emptyPart() const {
    llvm::BitVector filled(planned.partition.parts);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!flow.foldsConstants(node))
        filled.set(planned.partition.partOf[node]);
    const int part = filled.find_first_unset();
    return part < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(part));
  }

  llvm::Error divideLayers() {
    llvm::Expected<RepeatedBlock> block = findRepeatedBlock(component, flow, options.block);
    if (!block)
      return block.takeError();
    const auto layers = static_cast<uint32_t>(block->layers.size());
    const auto groups = static_cast<uint32_t>(options.splits);
    if (groups > layers)
      return failure("'" + component.name + "' has " + describeLayers(*block) +
                     ", which cannot be divided into " + llvm::Twine(groups) +
                     " components; set `splits` to " + llvm::Twine(layers) +
                     " or less, or `block` to a list with more members");
    planned.layers = layers;
    if (llvm::Error error = assignUnits(*block))
      return error;

    llvm::Expected<GroupStarts> starts = divide(layers, groups);
    if (!starts)
      return starts.takeError();
    remarkOnDivision(*block, *starts);
    groupUnits(*starts, layers);
    return llvm::Error::success();
  }

  uint32_t layersBegin() const { return options.separateEmbeddings ? 1 : 0; }

  /// Partitions into units: the embeddings if they are to be separate, each layer, the head.
  llvm::Error assignUnits(const RepeatedBlock &block) {
    const auto layers = static_cast<uint32_t>(block.layers.size());
    const uint32_t units = layersBegin() + layers + (options.separateHead ? 1 : 0);
    const std::vector<uint32_t> layerOf = layerOfNodes(component, block);
    std::vector<uint32_t> seeds(layerOf.size(), Unassigned);
    for (size_t node = 0; node < seeds.size(); ++node)
      if (layerOf[node] != NoLayer)
        seeds[node] = layersBegin() + layerOf[node];

    if (options.separateEmbeddings)
      seedEmbeddings(flow, layerOf, seeds);
    if (options.separateHead)
      seedHead(flow, layerOf, layers - 1, units - 1, seeds);
    if (options.separateEmbeddings && !llvm::is_contained(seeds, 0u))
      return failure("`separate-embeddings` has nothing to separate: in '" + component.name +
                     "', nothing with weights and nothing that layers share comes before " +
                     block.layers.front());
    if (options.separateHead && !llvm::is_contained(seeds, units - 1))
      return failure("`separate-head` has nothing to separate: in '" + component.name +
                     "', nothing follows " + block.layers.back());
    unitSeeds = std::move(seeds);
    return assign(unitSeeds, units);
  }

  llvm::Expected<GroupStarts> divide(uint32_t layers, uint32_t groups) {
    if (options.balance == SplitByCountOptions::Balance::Layers)
      return divideEvenly(layers, groups);
    llvm::Expected<PartContents> contents = contentsOfParts(component, flow, planned.partition);
    if (!contents)
      return contents.takeError();
    return divideByBytes(
        {llvm::ArrayRef(contents->payloadsOf).slice(layersBegin(), layers), contents->bytes},
        groups);
  }

  void remarkOnDivision(const RepeatedBlock &block, llvm::ArrayRef<uint32_t> starts) {
    std::vector<std::string> counts;
    for (size_t group = 0; group < starts.size(); ++group) {
      const size_t end = group + 1 < starts.size() ? starts[group + 1] : block.layers.size();
      counts.push_back(std::to_string(end - starts[group]));
    }
    constexpr size_t MaxListed = 16;
    if (counts.size() > MaxListed) {
      counts.resize(MaxListed);
      counts.push_back("...");
    }
    planned.remarks.push_back(describeLayers(block) + ": " + llvm::join(counts, " + "));
  }

  /// From units to components.
  void groupUnits(llvm::ArrayRef<uint32_t> starts, uint32_t layers) {
    Partition &partition = planned.partition;
    std::vector<uint32_t> partOfUnit(partition.parts);
    const uint32_t begin = layersBegin();
    uint32_t part = begin;
    for (uint32_t layer = 0; layer < layers; ++layer) {
      if (layer > 0 && part - begin + 1 < starts.size() && starts[part - begin + 1] == layer)
        ++part;
      partOfUnit[begin + layer] = part;
    }
    if (options.separateHead)
      partOfUnit.back() = ++part;
    partition.parts = part + 1;

    // A node that moved inside of its component has not moved.
    for (uint32_t &unit : partition.partOf)
      unit = partOfUnit[unit];
    llvm::erase_if(partition.moved, [&](uint32_t node) {
      return partition.partOf[node] == partOfUnit[unitSeeds[node]];
    });
  }

  llvm::Error describeComponents() {
    const Partition &partition = planned.partition;
    warnOfMovedNodes(flow, partition.moved, planned.warnings);
    llvm::Expected<SplitPlan> plan = describePartition(component, flow, partition);
    if (!plan)
      return plan.takeError();
    planned.plan = std::move(*plan);
    return llvm::Error::success();
  }

  const ir::Component &component;
  const Dataflow &flow;
  const SplitByCountOptions &options;
  PlannedSplit planned;
  std::vector<uint32_t> unitSeeds;
};

} // namespace

llvm::Expected<PlannedSplit> planSplit(const ir::Component &component, const Dataflow &flow,
                                       const SplitByCountOptions &options) {
  return Planner(component, flow, options).plan();
}

} // namespace optrun

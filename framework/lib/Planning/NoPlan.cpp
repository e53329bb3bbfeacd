// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Looks for the simplest reason first: a unit that fits nowhere, too little memory in all, and
/// then devices in an order that does not work.

#include "NoPlan.h"

#include "Feasibility.h"
#include "SlidingSegment.h"

#include "optrun/Support/ByteSize.h"

#include "llvm/Support/MathExtras.h"

namespace optrun::planning {
namespace {

class Explainer {
public:
  Explainer(const Workload &workload, const Blocks &blocks, const PlanOptions &options)
      : workload(workload), blocks(blocks), options(options), budgets(options) {}

  std::string explain() const {
    uint32_t largest = 0;
    for (uint32_t block = 1; block < blocks.size(); ++block)
      if (blocks.footprint(block) > blocks.footprint(largest))
        largest = block;
    if (blocks.footprint(largest) > budgets.largest())
      return fitsNowhere(largest);
    if (const uint32_t wanted = wantedComponents(); wanted > blocks.size())
      return "the model has " + std::to_string(blocks.size()) + " " + blockWord() +
             ", which cannot be divided into " + count(wanted, "component");
    const uint32_t end = furthestWithGaps();
    return end < blocks.size() ? noRoomLeft(end) : wrongOrder();
  }

private:
  static std::string count(uint32_t number, llvm::StringRef what) {
    return (llvm::Twine(number) + " " + what + (number == 1 ? "" : "s")).str();
  }
  std::string blockWord() const {
    const bool layers = options.cutPlaces == CutPlaces::LayerBoundaries;
    return std::string(layers ? "layer" : "unit") + (blocks.size() == 1 ? "" : "s");
  }

  /// Exact number of components, or 0.
  uint32_t wantedComponents() const {
    if (options.objective != Objective::Balanced)
      return 0;
    if (options.components != 0 || options.repeatDevice)
      return options.components;
    return static_cast<uint32_t>(options.devices.size());
  }

  std::string nameOf(uint32_t block) const {
    const uint32_t first = blocks.firstUnit[block], last = blocks.firstUnit[block + 1] - 1;
    if (first == last)
      return "'" + workload.units[first].name + "'";
    return "'" + workload.units[first].name + "' to '" + workload.units[last].name +
           "' (no layer boundary between them)";
  }

  /// "262 MB (weights 256 MB, caches 4 MB, activations 2 MB)"
  std::string needOf(uint32_t block, uint64_t budget) const {
    uint64_t caches = 0;
    for (uint32_t unit = blocks.firstUnit[block]; unit < blocks.firstUnit[block + 1]; ++unit)
      caches += workload.units[unit].cacheBytes;
    const uint64_t activation = blocks.activation[block];
    std::string text = size(blocks.footprint(block), budget);
    if (caches == 0 && activation == 0)
      return text;
    return text + " (weights " + formatByteSize(blocks.stored.alone[block] - caches) + ", caches " +
           formatByteSize(caches) + ", activations " + formatByteSize(activation) + ")";
  }

  /// For people; in bytes when it would look like \p other.
  static std::string size(uint64_t bytes, uint64_t other) {
    if (bytes != other && formatByteSize(bytes) == formatByteSize(other))
      return std::to_string(bytes) + " B";
    return formatByteSize(bytes);
  }

  std::string fitsNowhere(uint32_t block) const {
    const uint64_t budget = budgets.largest(), need = blocks.footprint(block);
    std::string text = nameOf(block) + " needs " + needOf(block, budget) + ", more than the " +
                       (options.devices.size() > 1 ? "largest " : "") + "budget of " +
                       size(budget, need) + "; raise it to " + printByteSize({need}) + " or more";
    if (options.cutPlaces == CutPlaces::LayerBoundaries)
      text += ", or allow cuts inside of layers";
    return text;
  }

  /// How far devices reach when some may stay empty: never less far than plans.
  uint32_t furthestWithGaps() const {
    uint32_t end = 0;
    TrialLimit noLimit;
    for (uint32_t i = 0, most = budgets.count(blocks.size()); i < most && end < blocks.size(); ++i)
      end = furthestEnd(blocks, end, budgets[i], noLimit);
    return end;
  }

  std::string noRoomLeft(uint32_t block) const {
    const uint32_t most = budgets.count(blocks.size());
    uint64_t held = 0, rest = 0;
    for (uint32_t i = 0; i < most; ++i)
      held = llvm::SaturatingAdd(held, budgets[i]); // budgets may be as good as infinite
    for (uint32_t after = block; after < blocks.size(); ++after)
      rest += blocks.stored.added(block, after);
    return "no room is left for " + nameOf(block) + ", which needs " +
           needOf(block, budgets.largest()) + ": " + count(most, "component") + " of " +
           formatByteSize(held) + " in all leave " + formatByteSize(rest) +
           " of weights and caches over; raise a budget" +
           (budgets.areAlike() ? ", or allow more components" : ", or add a device");
  }

  std::string deviceInTurn(uint32_t turn) const {
    if (turn >= options.devices.size() || options.devices[turn].name.empty())
      return "the device whose turn it is";
    return "'" + options.devices[turn].name + "', whose turn it is";
  }

  /// Every block fits somewhere, and in all there is room enough.
  std::string wrongOrder() const {
    llvm::BitVector ends(blocks.size() + 1);
    ends.set(0);
    uint32_t furthest = 0, turn = 0; // the device that would have to take it
    TrialLimit noLimit;
    for (uint32_t i = 0, most = budgets.count(blocks.size()); i < most && ends.any(); ++i) {
      const auto first = static_cast<uint32_t>(ends.find_first());
      ends = endsOfComponents(ends, {0, blocks.size()}, lowestStarts(blocks, budgets[i]),
                              SlidingFootprint(blocks, first, blocks.size()), noLimit);
      if (ends.any() && static_cast<uint32_t>(ends.find_last()) > furthest) {
        furthest = static_cast<uint32_t>(ends.find_last());
        turn = i + 1;
      }
    }
    if (furthest == blocks.size())
      return "no division into " + count(wantedComponents(), "component") +
             " keeps to the budgets of the devices in their order; change the order or the number";
    return nameOf(furthest) + " needs " + needOf(furthest, budgets.largest()) +
           " and does not fit on " + deviceInTurn(turn) +
           ": components run on the devices in their order, and only the last devices may be left "
           "over; change the order, or leave small devices out";
  }

  const Workload &workload;
  const Blocks &blocks;
  const PlanOptions &options;
  Budgets budgets;
};

} // namespace

llvm::Error explainNoPlan(const Workload &workload, const Blocks &blocks,
                          const PlanOptions &options) {
  return llvm::createStringError(std::make_error_code(std::errc::not_enough_memory),
                                 Explainer(workload, blocks, options).explain());
}

} // namespace optrun::planning

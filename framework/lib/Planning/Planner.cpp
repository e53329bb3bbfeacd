// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Chooses the search and the places where cuts are allowed.

#include "optrun/Planning/Planner.h"

#include "LatencySearch.h"
#include "MemorySearch.h"
#include "NoPlan.h"

#include <cmath>

namespace optrun::planning {
namespace {

llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

bool isRate(double rate) { return std::isfinite(rate) && rate > 0; }

llvm::Error checkOptions(const PlanOptions &options) {
  const size_t devices = options.devices.size();
  if (devices == 0)
    return failure("a plan needs a device");
  if (options.repeatDevice && devices != 1)
    return failure("only one device can stand for as many as it takes, not " +
                   llvm::Twine(devices));
  if (!options.repeatDevice && options.objective == Objective::Balanced &&
      options.components > devices)
    return failure(llvm::Twine(options.components) +
                   " components need as many devices, but there " +
                   (devices == 1 ? "is " : "are ") + llvm::Twine(devices));
  if (options.objective != Objective::Latency)
    return llvm::Error::success();
  if (options.repeatDevice && options.components == 0)
    return failure("to minimize the latency, the number of devices must be known");
  for (const Device &device : options.devices)
    if (!isRate(device.flops) || !isRate(device.bandwidth))
      return failure("to minimize the latency, device '" + device.name +
                     "' needs its flops and its bandwidth");
  return llvm::Error::success();
}

/// In units, where the search cuts between blocks.
template <typename Search> std::vector<uint32_t> unitCuts(Search &search, const Blocks &blocks) {
  std::vector<uint32_t> cuts = search.cuts();
  for (uint32_t &cut : cuts)
    cut = blocks.firstUnit[cut];
  return cuts;
}

template <typename Search>
llvm::Expected<std::vector<uint32_t>> findCuts(const Workload &workload,
                                               const PlanOptions &options) {
  const Blocks blocks = makeBlocks(workload, options.cutPlaces == CutPlaces::LayerBoundaries);
  llvm::Expected<Search> search = Search::create(workload, blocks, options);
  if (!search)
    return search.takeError();
  const std::optional<uint64_t> best = search->best();
  if (!best)
    return explainNoPlan(workload, blocks, options);
  if (options.cutPlaces == CutPlaces::PreferLayerBoundaries) {
    const Blocks layers = makeBlocks(workload, /*onlyLayerBoundaries=*/true);
    llvm::Expected<Search> layerSearch = Search::create(workload, layers, options);
    if (!layerSearch)
      return layerSearch.takeError();
    if (layerSearch->best() == best)
      return unitCuts(*layerSearch, layers);
  }
  return unitCuts(*search, blocks);
}

} // namespace

llvm::Expected<Plan> planComponents(const Workload &workload, const PlanOptions &options) {
  if (llvm::Error error = checkOptions(options))
    return error;
  if (llvm::Error error = checkWorkload(workload))
    return error;
  if (workload.units.empty())
    return Plan();
  llvm::Expected<std::vector<uint32_t>> cuts = options.objective == Objective::Latency
                                                   ? findCuts<LatencySearch>(workload, options)
                                                   : findCuts<MemorySearch>(workload, options);
  if (!cuts)
    return cuts.takeError();
  return describeCuts(workload, *cuts, options.devices);
}

} // namespace optrun::planning

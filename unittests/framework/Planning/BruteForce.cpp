// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Counts by definition, component by component.

#include "BruteForce.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace optrun::planning {
namespace {

uint32_t upTo(std::mt19937 &random, uint32_t most) { return random() % (most + 1); }

struct Figures {
  uint64_t memory = 0, received = 0, time = 0;
};

Figures figuresOf(const Workload &workload, uint32_t begin, uint32_t end, const Device &device,
                  bool timed) {
  Figures figures;
  std::set<uint32_t> weights, values;
  uint64_t activation = 0;
  for (uint32_t number = begin; number < end; ++number) {
    const Unit &unit = workload.units[number];
    weights.insert(unit.weights.begin(), unit.weights.end());
    for (uint32_t value : unit.inputs)
      if (workload.values[value].producer < begin)
        values.insert(value);
    figures.memory += unit.cacheBytes;
    activation = std::max(activation, unit.activationBytes);
    if (timed)
      figures.time += picosecondsOfUnit(unit, device);
  }
  figures.memory += activation;
  for (uint32_t weight : weights)
    figures.memory += workload.weightBytes[weight];
  for (uint32_t value : values) {
    figures.received += workload.values[value].bytes;
    if (timed)
      figures.time += picosecondsOfTransfer(workload.values[value].bytes, device);
  }
  return figures;
}

/// None if the division breaks a budget or has the wrong number of components.
std::optional<Judged> judge(const Workload &workload, const PlanOptions &options,
                            std::vector<uint32_t> cuts) {
  const size_t count = cuts.size() + 1;
  if (!options.repeatDevice && count > options.devices.size())
    return std::nullopt;
  const bool balanced = options.objective == Objective::Balanced;
  const size_t wanted =
      options.components == 0 && balanced ? options.devices.size() : options.components;
  if (wanted != 0 && (balanced ? count != wanted : count > wanted))
    return std::nullopt;
  const bool timed = options.objective == Objective::Latency;
  Figures most, sum;
  for (size_t i = 0; i < count; ++i) {
    const Device &device = options.devices[options.repeatDevice ? 0 : i];
    const uint32_t begin = i == 0 ? 0 : cuts[i - 1];
    const uint32_t end = i < cuts.size() ? cuts[i] : static_cast<uint32_t>(workload.units.size());
    const Figures figures = figuresOf(workload, begin, end, device, timed);
    if (figures.memory > device.memory)
      return std::nullopt;
    most.memory = std::max(most.memory, figures.memory);
    most.time = std::max(most.time, figures.time);
    sum.received += figures.received;
    sum.time += figures.time;
  }
  if (timed)
    return Judged{{most.time, sum.time, sum.received, count}, std::move(cuts)};
  return Judged{{count, most.memory, sum.received}, std::move(cuts)};
}

bool isBetter(const Judged &a, const Judged &b) {
  if (a.criteria != b.criteria)
    return a.criteria < b.criteria;
  return std::lexicographical_compare(a.cuts.rbegin(), a.cuts.rend(), b.cuts.rbegin(),
                                      b.cuts.rend());
}

std::optional<Judged> best(const Workload &workload, const PlanOptions &options, bool onlyLayers) {
  std::optional<Judged> best;
  const auto units = static_cast<uint32_t>(workload.units.size());
  for (uint32_t chosen = 0; chosen < 1u << (units - 1); ++chosen) {
    std::vector<uint32_t> cuts;
    bool isAllowed = true;
    for (uint32_t unit = 1; unit < units; ++unit)
      if (chosen >> (unit - 1) & 1) {
        cuts.push_back(unit);
        isAllowed &= !onlyLayers || workload.units[unit].startsLayer;
      }
    if (!isAllowed)
      continue;
    std::optional<Judged> judged = judge(workload, options, std::move(cuts));
    if (judged && (!best || isBetter(*judged, *best)))
      best = std::move(judged);
  }
  return best;
}

} // namespace

Workload randomWorkload(std::mt19937 &random, uint32_t mostUnits) {
  Workload workload;
  const uint32_t units = 1 + upTo(random, mostUnits - 1);
  // Few different sizes make ties frequent, many make them rare.
  const uint32_t largest = random() % 2 ? 3 : 1000;
  const uint32_t weights = upTo(random, units + 2);
  for (uint32_t weight = 0; weight < weights; ++weight)
    workload.weightBytes.push_back(upTo(random, largest));
  const bool hasCaches = random() % 2, hasActivations = random() % 2;
  const uint32_t mostWeights = upTo(random, 3), mostInputs = upTo(random, 4);
  for (uint32_t number = 0; number < units; ++number) {
    Unit unit;
    unit.name = "unit" + std::to_string(number);
    if (weights != 0)
      for (uint32_t left = upTo(random, mostWeights); left > 0; --left)
        unit.weights.push_back(upTo(random, weights - 1));
    for (uint32_t left = upTo(random, 2); left > 0; --left)
      workload.values.push_back({upTo(random, largest), number});
    if (!workload.values.empty())
      for (uint32_t left = upTo(random, mostInputs); left > 0; --left)
        unit.inputs.push_back(upTo(random, static_cast<uint32_t>(workload.values.size() - 1)));
    if (hasCaches)
      unit.cacheBytes = upTo(random, largest);
    if (hasActivations)
      unit.activationBytes = upTo(random, largest);
    unit.flops = upTo(random, 4 * largest);
    unit.trafficBytes = upTo(random, 2 * largest);
    unit.startsLayer = random() % 3 == 0;
    workload.units.push_back(std::move(unit));
  }
  return workload;
}

std::vector<Device> randomDevices(std::mt19937 &random, const Workload &workload, uint32_t count) {
  uint64_t largest = 0, all = 0;
  for (const Unit &unit : workload.units) {
    uint64_t bytes = unit.cacheBytes + unit.activationBytes;
    for (uint32_t weight : unit.weights)
      bytes += workload.weightBytes[weight];
    largest = std::max(largest, bytes);
    all += bytes;
  }
  std::vector<Device> devices;
  for (uint32_t number = 0; number < count; ++number) {
    Device device;
    device.name = "device" + std::to_string(number);
    device.memory = largest * (random() % 4 == 0 ? 1 : 2) / 2 +
                    upTo(random, static_cast<uint32_t>(all / (random() % 3 == 0 ? 1 : 3)));
    device.flops = 1e9 * (1 + upTo(random, 3));
    device.bandwidth = 1e9 * (1 + upTo(random, 3)) / (random() % 2 ? 1 : 3);
    devices.push_back(std::move(device));
  }
  return devices;
}

std::optional<Judged> bestOfAll(const Workload &workload, const PlanOptions &options) {
  if (options.cutPlaces == CutPlaces::LayerBoundaries)
    return best(workload, options, /*onlyLayers=*/true);
  std::optional<Judged> anywhere = best(workload, options, /*onlyLayers=*/false);
  if (!anywhere || options.cutPlaces == CutPlaces::Anywhere)
    return anywhere;
  std::optional<Judged> layers = best(workload, options, /*onlyLayers=*/true);
  return layers && layers->criteria[0] == anywhere->criteria[0] ? layers : anywhere;
}

std::optional<std::vector<uint64_t>> bestByPlainProgramming(const Workload &workload,
                                                            const PlanOptions &options) {
  constexpr uint64_t None = std::numeric_limits<uint64_t>::max();
  using Cost = std::pair<uint64_t, uint64_t>; // time (by Latency only), crossing bytes
  const auto units = static_cast<uint32_t>(workload.units.size());
  const bool timed = options.objective == Objective::Latency;
  const size_t exactly = options.objective == Objective::Balanced ? options.components : 0;
  const size_t most = std::min<size_t>(units, options.components != 0 ? options.components
                                              : options.repeatDevice  ? units
                                                                      : options.devices.size());
  // Of component i over units a to b, and whether it fits.
  auto figures = [&](size_t i, uint32_t a, uint32_t b) {
    return figuresOf(workload, a, b, options.devices[options.repeatDevice ? 0 : i], timed);
  };
  auto fits = [&](const Figures &of, size_t i) {
    return of.memory <= options.devices[options.repeatDevice ? 0 : i].memory;
  };

  std::vector<uint64_t> largest(units + 1, None); // the smallest maximum, by end
  largest[0] = 0;
  uint64_t limit = None;
  size_t count = 0;
  for (size_t i = 0; i < most; ++i) {
    std::vector<uint64_t> next(units + 1, None);
    for (uint32_t a = 0; a < units; ++a)
      for (uint32_t b = a + 1; b <= units && largest[a] != None; ++b)
        if (const Figures of = figures(i, a, b); fits(of, i))
          next[b] = std::min(next[b], std::max(largest[a], timed ? of.time : of.memory));
    largest = std::move(next);
    if (largest[units] != None && (timed || exactly == 0 || exactly == i + 1)) {
      limit = std::min(limit, largest[units]);
      count = i + 1;
      if (!timed)
        break;
    }
  }
  if (limit == None)
    return std::nullopt;

  std::vector<Cost> cost(units + 1, {None, None});
  cost[0] = {0, 0};
  Cost best{None, None};
  size_t bestCount = 0;
  for (size_t i = 0; i < count; ++i) {
    std::vector<Cost> next(units + 1, {None, None});
    for (uint32_t a = 0; a < units; ++a)
      for (uint32_t b = a + 1; b <= units && cost[a].first != None; ++b)
        if (const Figures of = figures(i, a, b);
            fits(of, i) && (timed ? of.time : of.memory) <= limit)
          next[b] = std::min(next[b], Cost(cost[a].first + of.time, cost[a].second + of.received));
    cost = std::move(next);
    if ((timed || i + 1 == count) && cost[units] < best) {
      best = cost[units];
      bestCount = i + 1;
    }
  }
  if (timed)
    return std::vector<uint64_t>{limit, best.first, best.second, bestCount};
  return std::vector<uint64_t>{count, limit, best.second};
}

std::vector<uint64_t> criteriaOf(const Plan &plan, Objective objective) {
  const uint64_t count = plan.components.size();
  if (objective == Objective::Latency)
    return {plan.slowestPicoseconds(), plan.totalPicoseconds(), plan.crossingBytes(), count};
  return {count, plan.largestBytes(), plan.crossingBytes()};
}

std::vector<uint32_t> cutsOf(const Plan &plan) {
  std::vector<uint32_t> cuts;
  for (size_t i = 1; i < plan.components.size(); ++i)
    cuts.push_back(plan.components[i].begin);
  return cuts;
}

} // namespace optrun::planning

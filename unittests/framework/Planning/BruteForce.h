// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Random workloads, and the best division found by looking at all.

#ifndef OPTRUN_UNITTESTS_PLANNING_BRUTEFORCE_H
#define OPTRUN_UNITTESTS_PLANNING_BRUTEFORCE_H

#include "optrun/Planning/Planner.h"

#include <optional>
#include <random>

namespace optrun::planning {

/// Up to \p mostUnits units in layers, with tied weights, values that are used far away and more
/// than once, repeated mentions, and things of no size.
Workload randomWorkload(std::mt19937 &random, uint32_t mostUnits);

/// \p count devices, some too small for some units, with rates.
std::vector<Device> randomDevices(std::mt19937 &random, const Workload &workload, uint32_t count);

/// A division and what it is judged by, the first criterion first.
struct Judged {
  std::vector<uint64_t> criteria;
  std::vector<uint32_t> cuts;
};

/// The best of all divisions that \p options allow, by definition and with sets.
std::optional<Judged> bestOfAll(const Workload &workload, const PlanOptions &options);

/// The same criteria, found in cubic time: for workloads of which nobody could look at all
/// divisions. Cuts may be anywhere.
std::optional<std::vector<uint64_t>> bestByPlainProgramming(const Workload &workload,
                                                            const PlanOptions &options);

/// The same criteria, of a plan.
std::vector<uint64_t> criteriaOf(const Plan &plan, Objective objective);
std::vector<uint32_t> cutsOf(const Plan &plan);

} // namespace optrun::planning

#endif // OPTRUN_UNITTESTS_PLANNING_BRUTEFORCE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Divides a workload into consecutive components for a pipeline of devices. Exact: what it finds
/// is what trying all divisions would find.

#ifndef OPTRUN_PLANNING_PLANNER_H
#define OPTRUN_PLANNING_PLANNER_H

#include "optrun/Planning/Workload.h"

#include "llvm/ADT/ArrayRef.h"

#include <limits>

namespace optrun::planning {

struct Device {
  std::string name; // for messages
  /// The budget: a component's weights (each once), caches and largest activation fit in it.
  uint64_t memory = std::numeric_limits<uint64_t>::max();
  double flops = 0;     // FLOP/s; 0: unknown
  double bandwidth = 0; // bytes/s, of memory and of what comes from other devices; 0: unknown
};

enum class Objective {
  Fewest,   // components, then the smallest maximum (bytes in memory), then crossing bytes
  Balanced, // as many components as wanted: the smallest maximum, then crossing bytes
  Latency,  // the fastest slowest component, then time in all, crossing bytes, components
};

enum class CutPlaces {
  Anywhere,
  LayerBoundaries,
  /// Layer boundaries if they cost nothing by the first criterion: no component more (Fewest), the
  /// wanted number is possible (Balanced), no slower slowest component (Latency). Else anywhere.
  PreferLayerBoundaries,
};

struct PlanOptions {
  Objective objective = Objective::Fewest;
  CutPlaces cutPlaces = CutPlaces::PreferLayerBoundaries;
  /// In order of the pipeline: component i runs on device i and has one unit or more, so that only
  /// the last devices may be left over.
  std::vector<Device> devices;
  /// There are as many devices as it takes, all like the only one in `devices`. Latency then needs
  /// to know how many: `components`.
  bool repeatDevice = false;
  /// Balanced: exactly as many (0: one for each device, or the fewest if the device repeats).
  /// Otherwise at most as many (0: no limit).
  uint32_t components = 0;
};

/// What takes most of a component's time: arithmetic, memory, or waiting for what it receives.
enum class Bound { Unknown, Compute, Memory, Transfer };

struct PlannedComponent {
  uint32_t begin = 0, end = 0; // units
  uint32_t device = 0;         // in PlanOptions::devices
  uint64_t weightBytes = 0;
  uint64_t repeatedWeightBytes = 0; // of weightBytes: earlier components store these too
  uint64_t cacheBytes = 0;
  uint64_t activationBytes = 0; // of the unit with the most
  /// Values from earlier components, each once for each component that uses it: components take
  /// values from their producers, not from hand to hand.
  uint64_t receivedBytes = 0;
  uint64_t flops = 0;
  uint64_t trafficBytes = 0;
  /// 0 when the device's rates are unknown. Stops growing at months.
  uint64_t picoseconds = 0;
  Bound bound = Bound::Unknown;

  uint64_t memoryBytes() const { return weightBytes + cacheBytes + activationBytes; }
};

struct Plan {
  std::vector<PlannedComponent> components;

  std::vector<uint32_t> starts() const; // the first unit of each component
  uint64_t largestBytes() const;        // the maximum over components of memoryBytes()
  uint64_t crossingBytes() const;       // the sum of receivedBytes
  uint64_t slowestPicoseconds() const;  // the maximum over components
  uint64_t totalPicoseconds() const;    // saturates
};

/// The best plan. Among equals, the last cut is as early as it can be, then the one before it, and
/// so on. Takes time in n log n for n uses of weights and values, for each component that could be
/// cut in many places. A workload without units has a plan without components.
///
/// An error when there is no plan; it names the unit that does not fit, its bytes, the budget and
/// what to do.
llvm::Expected<Plan> planComponents(const Workload &workload, const PlanOptions &options);

/// The figures of any division: components start with unit 0 and with those in \p cuts, which
/// ascend; component i runs on device i, the last device repeats. Budgets are not looked at.
llvm::Expected<Plan> describeCuts(const Workload &workload, llvm::ArrayRef<uint32_t> cuts,
                                  llvm::ArrayRef<Device> devices);

/// How long a unit takes on a device by the roofline model (Williams, Waterman, Patterson 2009): as
/// long as its arithmetic or its memory traffic, whichever is more. Rounded up to whole
/// picoseconds. The device's rates are known.
uint64_t picosecondsOfUnit(const Unit &unit, const Device &device);

/// How long a value takes to come from another device. A component's time is the sum over its units
/// and over the values it receives.
uint64_t picosecondsOfTransfer(uint64_t bytes, const Device &device);

} // namespace optrun::planning

#endif // OPTRUN_PLANNING_PLANNER_H

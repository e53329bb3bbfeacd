// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of split-by-memory.

#ifndef OPTRUN_PASSES_SPLITBYMEMORY_OPTIONS_H
#define OPTRUN_PASSES_SPLITBYMEMORY_OPTIONS_H

#include "Rate.h"

#include "optrun/Options/Options.h"
#include "optrun/Planning/Planner.h"
#include "optrun/Transforms/Recomputation.h"

#include "llvm/ADT/StringSet.h"

namespace optrun {

struct DeviceOptions {
  std::optional<std::string> name;
  std::optional<ByteSize> memory;
  std::optional<std::string> flops, bandwidth;

  /// What tables and messages call the device at \p index of the list.
  std::string nameAt(size_t index) const {
    return name.value_or("device " + std::to_string(index));
  }

  static void bind(OptionBinder<DeviceOptions> &bind) {
    using O = DeviceOptions;
    bind.option("name", &O::name, "What tables and messages call it; \"device 0\" … by default.")
        .nonEmpty();
    bind.option("memory", &O::memory, "Its budget; without one, everything fits.").min(ByteSize{1});
    bind.option("flops", &O::flops, "Floating-point operations a second: 1e12, 312T, 2.5TFLOPS.")
        .check([](const auto &text) { return !text || parseFlopRate(*text); },
               "must be a number above 0, with or without a unit: 1e12, 312T, 2.5TFLOPS");
    bind.option("bandwidth", &O::bandwidth,
                "Bytes a second, of the device's memory and of what it gets from other devices: "
                "1e11, 100GB, 3.35TB/s.")
        .check([](const auto &text) { return !text || parseBandwidth(*text); },
               "must be a number above 0, with or without a unit: 1e11, 100GB, 3.35TB/s");
  }
};

struct SplitByMemoryOptions {
  std::optional<ByteSize> memory;
  std::vector<DeviceOptions> devices;
  planning::Objective objective = planning::Objective::Fewest;
  std::optional<FilePath> costModel;
  std::optional<int64_t> batch, sequence, context;
  Recompute recompute = Recompute::WhenSmaller;

  /// Whether the memory for a run counts in the budgets beside the weights.
  bool countsRun() const { return batch || sequence || context; }

  static void bind(OptionBinder<SplitByMemoryOptions> &bind) {
    using O = SplitByMemoryOptions;
    using planning::Objective;
    constexpr int64_t Most = int64_t(1) << 30;
    bind.option("memory", &O::memory,
                "The budget of each component; there are as many components as it takes.")
        .min(ByteSize{1});
    bind.option("devices", &O::devices,
                "Devices in the order in which components run on them, instead of `memory`. Only "
                "the last ones may be left over.");
    bind.option("objective", &O::objective, "What the best plan is.")
        .values({{"fewest", Objective::Fewest,
                  "the fewest components; of these plans, the one whose largest component is the "
                  "smallest, then the one that hands on the fewest bytes"},
                 {"balanced", Objective::Balanced,
                  "a component for each device, or with `memory` the fewest, and the largest as "
                  "small as can be; then the fewest bytes handed on"},
                 {"latency", Objective::Latency,
                  "the slowest component as fast as can be, by each device's `flops` and "
                  "`bandwidth`; then the least time in all"}});
    bind.option("cost-model", &O::costModel,
                "A CSV file with the sizes of modules (columns `module` and `num_bytes`). A module "
                "for which it says more than the model stores takes that much of a budget.")
        .nonEmpty();
    bind.option(
            "batch", &O::batch,
            "Sequences in one run. When `batch`, `sequence` or `context` is given, KV cache and "
            "activations count in the budgets too, and the others are 1, 1 and 0.")
        .range(1, Most);
    bind.option("sequence", &O::sequence, "Tokens of each sequence in one run.").range(1, Most);
    bind.option("context", &O::context,
                "Tokens of each sequence that are in the KV cache before the run.")
        .range(0, Most);
    bind.option("recompute", &O::recompute,
                "What is done with cheap subgraphs that several components need: masks, "
                "positions, rotary tables.")
        .values({{"when-smaller", Recompute::WhenSmaller,
                  "each component computes them for itself where what they are computed from has "
                  "fewer bytes"},
                 {"never", Recompute::Never,
                  "computed in the first component that needs them, and handed on"},
                 {"always", Recompute::Always, "each component computes them for itself"}});
    bind.check([](const O &o) { return o.memory.has_value() != !o.devices.empty(); },
               "needs either `memory`, the budget of each component, or `devices`", "memory");
    bind.check(
        [](const O &o) {
          llvm::StringSet<> names;
          for (size_t index = 0; index < o.devices.size(); ++index)
            names.insert(o.devices[index].nameAt(index));
          return names.size() == o.devices.size();
        },
        "each device needs a name of its own; without one, the first is called \"device 0\"",
        "devices");
    bind.check(
        [](const O &o) {
          return o.objective != Objective::Latency ||
                 (!o.devices.empty() && llvm::all_of(o.devices, [](const DeviceOptions &device) {
                   return device.flops && device.bandwidth;
                 }));
        },
        "latency needs `devices` with their `flops` and `bandwidth`", "objective");
  }
};

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYMEMORY_OPTIONS_H

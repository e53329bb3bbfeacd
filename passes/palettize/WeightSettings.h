// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How one weight is to be palettized, as recipes say it.

#ifndef OPTRUN_PASSES_PALETTIZE_WEIGHTSETTINGS_H
#define OPTRUN_PASSES_PALETTIZE_WEIGHTSETTINGS_H

#include "WeightPalettizer.h"

namespace optrun::palettize {

enum class Granularity { PerTensor, PerGroupedChannel, PerChannel };
enum class LutDtype { Float16, Int8 };
enum class UseImportance { Auto, Yes, No, Estimated };

struct WeightSettings {
  unsigned bits = 4;
  Granularity granularity = Granularity::PerTensor;
  uint64_t groupSize = 32; ///< for PerGroupedChannel
  bool perChannelScale = false;
  LutDtype lutDtype = LutDtype::Float16;
  Method method = Method::Optimal;
  UseImportance useImportance = UseImportance::Auto;

  /// "4 bits, groups of 4, scaled channels"
  std::string describe() const;
};

/// A job without importance. Tables and scales have half precision.
PalettizationJob jobFor(const Weight &weight, const WeightSettings &settings);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_WEIGHTSETTINGS_H

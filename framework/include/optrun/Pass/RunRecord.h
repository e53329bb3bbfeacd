// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Provenance of a run: what ran, with which options, for how long.

#ifndef OPTRUN_PASS_RUNRECORD_H
#define OPTRUN_PASS_RUNRECORD_H

#include <cstdint>
#include <string>
#include <vector>

namespace optrun {

struct PassRecord {
  std::string id;
  unsigned version = 0;
  /// The options as resolved, defaults included: a JSON object.
  std::string optionsJson;
  double seconds = 0;
  /// Peak resident set of the process when the pass ended.
  uint64_t peakRssBytes = 0;
};

struct RunRecord {
  std::string recipeName;
  std::string recipePath;         // empty when not from a file
  std::vector<PassRecord> passes; // those that have ended
};

} // namespace optrun

#endif // OPTRUN_PASS_RUNRECORD_H

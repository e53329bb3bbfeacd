// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Counts what a pass advances and tells the observers now and then.

#ifndef OPTRUN_LIB_EXECUTION_PROGRESSMETER_H
#define OPTRUN_LIB_EXECUTION_PROGRESSMETER_H

#include "optrun/Execution/RunObserver.h"
#include "optrun/Pass/PassContext.h"

#include <atomic>
#include <functional>
#include <string>

namespace optrun {

class ProgressMeter final : public Progress {
public:
  using Sink = std::function<void(const RunObserver::ProgressState &)>;

  ProgressMeter(std::string pass, std::string label, uint64_t total, Unit unit, Sink sink);
  ~ProgressMeter() override;
  void advance(uint64_t amount) override;

private:
  void send(double now, bool ended);

  const std::string pass, label;
  const uint64_t total;
  const Unit unit;
  const Sink sink;
  const double start;
  std::atomic<uint64_t> done{0};
  std::atomic<double> nextReport;
};

} // namespace optrun

#endif // OPTRUN_LIB_EXECUTION_PROGRESSMETER_H

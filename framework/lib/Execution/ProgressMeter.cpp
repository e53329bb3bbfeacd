// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Counts what a pass advances and tells the observers now and then.

#include "Execution/ProgressMeter.h"

#include "optrun/Execution/Clock.h"

using namespace optrun;

Progress::~Progress() = default;
RunObserver::~RunObserver() = default;

// Often enough to look alive, rarely enough to cost nothing.
static constexpr double ReportInterval = 0.1; // seconds

ProgressMeter::ProgressMeter(std::string pass, std::string label, uint64_t total, Unit unit,
                             Sink sink)
    : pass(std::move(pass)), label(std::move(label)), total(total), unit(unit),
      sink(std::move(sink)), start(wallSeconds()), nextReport(start + ReportInterval) {
  send(start, /*ended=*/false);
}

ProgressMeter::~ProgressMeter() { send(wallSeconds(), /*ended=*/true); }

void ProgressMeter::advance(uint64_t amount) {
  done.fetch_add(amount, std::memory_order_relaxed);
  const double now = wallSeconds();
  double due = nextReport.load(std::memory_order_relaxed);
  // One of the threads that come at the same time reports.
  if (now >= due && nextReport.compare_exchange_strong(due, now + ReportInterval))
    send(now, /*ended=*/false);
}

void ProgressMeter::send(double now, bool ended) {
  sink({.key = this,
        .pass = pass,
        .label = label,
        .done = done.load(std::memory_order_relaxed),
        .total = total,
        .bytes = unit == Unit::Bytes,
        .seconds = now - start,
        .ended = ended});
}

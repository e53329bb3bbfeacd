// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Records a run as JSON lines.

#include "optrun/Execution/JsonLog.h"

#include "optrun/Execution/Clock.h"

#include "llvm/Support/Chrono.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <ctime>

using namespace optrun;

static constexpr double ProgressInterval = 1; // seconds

// Passes may print bytes of a model that are no UTF-8.
static std::string text(llvm::StringRef bytes) { return llvm::json::fixUTF8(bytes); }

llvm::Expected<std::unique_ptr<JsonLog>> JsonLog::open(llvm::StringRef path) {
  std::error_code code;
  auto out = std::make_unique<llvm::raw_fd_ostream>(path, code);
  if (code)
    return llvm::createStringError(code, "cannot write the log '" + path + "': " + code.message());
  llvm::raw_fd_ostream &file = *out;
  auto log = std::make_unique<JsonLog>(std::move(out));
  log->file = &file;
  return log;
}

JsonLog::JsonLog(std::unique_ptr<llvm::raw_ostream> out)
    : out(std::move(out)), start(wallSeconds()) {}

JsonLog::~JsonLog() { llvm::consumeError(close()); }

llvm::Error JsonLog::close() {
  if (!file)
    return llvm::Error::success();
  file->flush();
  const std::error_code code = file->error();
  // An unchecked error of the stream would end the process.
  file->clear_error();
  return code ? llvm::createStringError(code, "the log is not complete: " + code.message())
              : llvm::Error::success();
}

template <typename Fields> void JsonLog::write(llvm::StringRef event, Fields fields) {
  std::lock_guard lock(mutex);
  {
    llvm::json::OStream json(*out);
    json.object([&] {
      json.attribute("event", event);
      json.attribute("seconds", wallSeconds() - start);
      fields(json);
    });
  }
  *out << '\n';
  out->flush();
}

void JsonLog::runStarted(const Run &run) {
  write("run-start", [&](llvm::json::OStream &json) {
    json.attribute(
        "time",
        llvm::formatv("{0:%Y-%m-%dT%H:%M:%SZ}", llvm::sys::toUtcTime(std::time(nullptr))).str());
    json.attribute("recipe", text(run.recipeName));
    json.attribute("file", text(run.recipePath));
    json.attribute("passes", static_cast<int64_t>(run.passes));
    json.attribute("threads", run.threads);
    json.attribute("memory_budget", run.memoryBudget);
  });
}

void JsonLog::passStarted(const PassStep &pass) {
  write("pass-start", [&](llvm::json::OStream &json) {
    json.attribute("pass", pass.id);
    json.attribute("index", static_cast<int64_t>(pass.index));
    json.attribute("version", pass.version);
    json.attributeBegin("options");
    json.rawValue(pass.optionsJson.empty() ? "{}" : pass.optionsJson);
    json.attributeEnd();
  });
}

void JsonLog::passEnded(const PassStep &pass, const PassUsage &usage) {
  write("pass-end", [&](llvm::json::OStream &json) {
    json.attribute("pass", pass.id);
    json.attribute("index", static_cast<int64_t>(pass.index));
    json.attribute("ok", !usage.failed);
    json.attribute("wall_seconds", usage.wallSeconds);
    json.attribute("cpu_seconds", usage.cpuSeconds);
    json.attribute("rss_bytes", usage.rssBytes);
    json.attribute("peak_rss_bytes", usage.peakRssBytes);
  });
}

void JsonLog::message(Severity severity, llvm::StringRef pass, llvm::StringRef message) {
  llvm::StringRef event = severity == Severity::Error     ? "error"
                          : severity == Severity::Warning ? "warning"
                                                          : "remark";
  write(event, [&](llvm::json::OStream &json) {
    if (!pass.empty())
      json.attribute("pass", text(pass));
    json.attribute("message", text(message));
  });
}

void JsonLog::progress(const ProgressState &state) {
  {
    std::lock_guard lock(mutex);
    auto [place, isNew] = lastProgress.try_emplace(state.key, wallSeconds());
    const bool due = wallSeconds() - place->second >= ProgressInterval;
    if (due)
      place->second = wallSeconds();
    if (state.ended)
      lastProgress.erase(place);
    if (!isNew && !due && !state.ended)
      return;
  }
  write("progress", [&](llvm::json::OStream &json) {
    json.attribute("pass", text(state.pass));
    json.attribute("label", text(state.label));
    json.attribute("done", state.done);
    json.attribute("total", state.total);
    json.attribute("unit", state.bytes ? "bytes" : "items");
  });
}

void JsonLog::runEnded(Outcome outcome, double seconds) {
  write("run-end", [&](llvm::json::OStream &json) {
    json.attribute("outcome", outcome == Outcome::Done     ? "done"
                              : outcome == Outcome::Failed ? "failed"
                                                           : "interrupted");
    json.attribute("run_seconds", seconds);
  });
}

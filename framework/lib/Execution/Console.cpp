// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shows a run to a person.

#include "optrun/Execution/Console.h"

#include "Execution/ProgressText.h"

#include "llvm/ADT/StringExtras.h"

#include <cstdlib>
#include <mutex>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace optrun;

/// Standard error with at most one bar at its end. The bar is taken away before other text and
/// comes back with the next progress.
class Console::Screen final : public llvm::raw_ostream {
public:
  Screen(llvm::raw_ostream &out, Settings settings)
      : raw_ostream(/*unbuffered=*/true), settings(settings), out(out) {}
  ~Screen() override { hideBar(); }

  bool is_displayed() const override { return out.is_displayed(); }
  bool has_colors() const override { return out.has_colors(); }

  /// Names in \p text may come from a model, so control characters do not reach the terminal.
  void line(std::string text) {
    for (char &c : text)
      if (llvm::isASCII(c) && !llvm::isPrint(c))
        c = '?';
    std::lock_guard lock(mutex);
    hideBar();
    out << text << '\n';
    out.flush();
  }

  void progress(const ProgressState &state) {
    std::lock_guard lock(mutex);
    if (settings.barWidth)
      updateBar(state);
    else
      printLine(state);
  }

  const Settings settings;

private:
  void write_impl(const char *bytes, size_t size) override {
    std::lock_guard lock(mutex);
    hideBar();
    out.write(bytes, size);
    out.flush();
    insideLine = size && bytes[size - 1] != '\n';
    offset += size;
  }
  uint64_t current_pos() const override { return offset; }

  void updateBar(const ProgressState &state) {
    // Of several at a time the first is shown until it ends.
    if (!shown)
      shown = state.key;
    if (shown != state.key)
      return;
    hideBar();
    if (state.ended) {
      shown = nullptr;
      return;
    }
    if (insideLine)
      return; // a diagnostic is being printed in pieces
    out << progressBar(state, settings.barWidth);
    out.flush();
    drawn = true;
  }

  void printLine(const ProgressState &state) {
    auto place = llvm::find_if(lines, [&](const Line &each) { return each.key == state.key; });
    if (place == lines.end()) {
      if (!state.ended)
        lines.push_back({state.key, settings.firstLineSeconds, false});
      return;
    }
    const bool due = state.seconds >= place->nextSeconds;
    // Who saw a line of something sees its end.
    if (due || (state.ended && place->printed)) {
      out << progressLine(state) << '\n';
      out.flush();
      place->printed = true;
      place->nextSeconds = state.seconds + settings.lineIntervalSeconds;
    }
    if (state.ended)
      lines.erase(place);
  }

  void hideBar() {
    if (drawn)
      out << "\r\x1b[K";
    drawn = false;
  }

  struct Line {
    const void *key;
    double nextSeconds;
    bool printed;
  };

  llvm::raw_ostream &out;
  std::mutex mutex;
  uint64_t offset = 0;
  bool insideLine = false;
  bool drawn = false;
  const void *shown = nullptr;
  std::vector<Line> lines;
};

Console::Settings Console::forStandardError(bool quiet) {
  Settings settings{.quiet = quiet};
  const char *terminal = std::getenv("TERM");
  winsize size = {};
  if (isatty(STDERR_FILENO) && terminal && llvm::StringRef(terminal) != "dumb")
    settings.barWidth =
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
  return settings;
}

Console::Console(llvm::raw_ostream &out, Settings settings)
    : screen(std::make_unique<Screen>(out, settings)) {}

Console::~Console() = default;

llvm::raw_ostream &Console::stream() { return *screen; }

void Console::message(Severity severity, llvm::StringRef pass, llvm::StringRef text) {
  if (screen->settings.quiet || severity == Severity::Error || severity == Severity::Warning)
    return; // Diagnostics printed the latter two to stream()
  screen->line(pass.empty() ? text.str() : (pass + ": " + text).str());
}

void Console::progress(const ProgressState &state) {
  if (!screen->settings.quiet)
    screen->progress(state);
}

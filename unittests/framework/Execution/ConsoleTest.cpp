// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of what a person sees of a run.

#include "optrun/Execution/Console.h"

#include "Execution/ProgressText.h"

#include <gmock/gmock.h>

using namespace optrun;
using testing::HasSubstr;
using testing::Not;

namespace {

RunObserver::ProgressState copying(uint64_t done, double seconds, bool ended = false) {
  static const int key = 0;
  return {&key, "export", "writing", done, 2'000'000'000, /*bytes=*/true, seconds, ended};
}

class Output {
public:
  explicit Output(Console::Settings settings) : console(stream, settings) {}
  Console *operator->() { return &console; }
  std::string take() { return std::exchange(text, ""); }

private:
  std::string text;
  llvm::raw_string_ostream stream{text};

public:
  Console console;
};

TEST(ProgressText, tellsAmountRateAndTimeLeft) {
  EXPECT_EQ(progressLine(copying(500'000'000, 2)),
            "export: writing 25 % (500 MB of 2.00 GB, 250 MB/s, 6 s left)");
}

TEST(ProgressText, hasNoRateBeforeItMeansSomething) {
  EXPECT_EQ(progressLine(copying(1'000'000, 0.1)), "export: writing 0 % (1.00 MB of 2.00 GB)");
}

TEST(ProgressText, survivesWorkOfNoSizeAndMoreThanAnnounced) {
  RunObserver::ProgressState state{nullptr, "", "scanning", 0, 0, false, 3, true};
  EXPECT_THAT(progressLine(state), HasSubstr("scanning 100 %"));
  state.done = 20, state.total = 10;
  EXPECT_THAT(progressLine(state), HasSubstr("100 %"));
}

TEST(ProgressText, fitsTheWidthOfTheTerminal) {
  for (unsigned width : {20, 40, 80})
    EXPECT_LT(progressBar(copying(500'000'000, 2), width).size(), width);
}

TEST(ProgressText, writesDurationsAsPeopleSayThem) {
  EXPECT_EQ(formatDuration(45), "45 s");
  EXPECT_EQ(formatDuration(200), "3 min 20 s");
  EXPECT_EQ(formatDuration(7500), "2 h 5 min");
}

TEST(Console, printsNothingForQuickWork) {
  Output output({});
  output->progress(copying(0, 0));
  output->progress(copying(1'000'000'000, 0.5));
  output->progress(copying(2'000'000'000, 1, /*ended=*/true));
  EXPECT_EQ(output.take(), "");
}

TEST(Console, printsPlainLinesNowAndThenForLongWork) {
  Output output({.firstLineSeconds = 2, .lineIntervalSeconds = 5});
  output->progress(copying(0, 0));
  output->progress(copying(500'000'000, 2.1));
  EXPECT_THAT(output.take(), HasSubstr("export: writing 25 %"));
  output->progress(copying(600'000'000, 3));
  EXPECT_EQ(output.take(), "");
  output->progress(copying(2'000'000'000, 8, /*ended=*/true));
  EXPECT_THAT(output.take(), HasSubstr("100 %"));
}

TEST(Console, drawsABarOverAndOver) {
  Output output({.barWidth = 80});
  output->progress(copying(0, 0));
  EXPECT_THAT(output.take(), HasSubstr("[                    ]   0 %"));
  output->progress(copying(1'000'000'000, 1));
  EXPECT_THAT(output.take(), HasSubstr("\r\x1b[Kexport: writing [==========          ]  50 %"));
  output->progress(copying(2'000'000'000, 2, /*ended=*/true));
  EXPECT_EQ(output.take(), "\r\x1b[K");
}

TEST(Console, takesTheBarAwayBeforeOtherText) {
  Output output({.barWidth = 80});
  output->progress(copying(1'000'000'000, 1));
  output.take();
  output->stream() << "warning: ";
  EXPECT_EQ(output.take(), "\r\x1b[Kwarning: ");
  output->progress(copying(1'100'000'000, 1.1)); // not into the line
  output->stream() << "something\n";
  EXPECT_EQ(output.take(), "something\n");
  output->progress(copying(1'200'000'000, 1.2));
  EXPECT_THAT(output.take(), HasSubstr("60 %"));
}

TEST(Console, showsRemarksButNotWhatDiagnosticsPrinted) {
  Output output({});
  output->message(Severity::Remark, "capture", "12 layers in model.layers");
  output->message(Severity::Warning, "capture", "printed elsewhere");
  EXPECT_EQ(output.take(), "capture: 12 layers in model.layers\n");
}

TEST(Console, keepsControlCharactersOfAModelAwayFromTheTerminal) {
  Output output({});
  output->message(Severity::Remark, "capture", "layers in \x1b]0;evil\x07");
  EXPECT_THAT(output.take(), Not(HasSubstr("\x1b")));
}

TEST(Console, isSilentWhenQuiet) {
  Output output({.quiet = true, .barWidth = 80});
  output->message(Severity::Remark, "capture", "12 layers");
  output->progress(copying(1'000'000'000, 10));
  EXPECT_EQ(output.take(), "");
}

} // namespace

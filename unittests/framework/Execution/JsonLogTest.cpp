// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of the JSON lines that record a run.

#include "optrun/Execution/JsonLog.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

#include <gtest/gtest.h>

using namespace optrun;

namespace {

std::vector<llvm::json::Object> parseLines(llvm::StringRef text) {
  std::vector<llvm::json::Object> lines;
  for (llvm::StringRef line : llvm::split(text.trim(), '\n')) {
    auto value = llvm::json::parse(line);
    if (!value || !value->getAsObject()) {
      ADD_FAILURE() << "no JSON object: " << line.str();
      llvm::consumeError(value.takeError());
      continue;
    }
    lines.push_back(std::move(*value->getAsObject()));
  }
  return lines;
}

TEST(JsonLog, writesOneObjectForEachEvent) {
  std::string text;
  {
    JsonLog log(std::make_unique<llvm::raw_string_ostream>(text));
    log.runStarted({"split", "split.yaml", 2, 8, 1 << 30});
    log.passStarted({"capture", 3, 0, R"({"model":"a.onnx"})"});
    log.message(Severity::Warning, "capture", "a \"quoted\" name\nand a byte \xff");
    log.passEnded({"capture", 3, 0, "{}"}, {.wallSeconds = 0.5, .peakRssBytes = 1000});
    log.runEnded(RunObserver::Outcome::Failed, 1.5);
  }
  auto lines = parseLines(text);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0].getString("event"), "run-start");
  EXPECT_EQ(lines[0].getInteger("threads"), 8);
  EXPECT_EQ(lines[1].getObject("options")->getString("model"), "a.onnx");
  EXPECT_EQ(lines[2].getString("event"), "warning");
  EXPECT_EQ(lines[2].getString("pass"), "capture");
  EXPECT_EQ(lines[3].getNumber("wall_seconds"), 0.5);
  EXPECT_EQ(lines[3].getInteger("peak_rss_bytes"), 1000);
  EXPECT_EQ(lines[4].getString("outcome"), "failed");
}

TEST(JsonLog, recordsProgressAtItsStartAndEndAndRarelyBetween) {
  std::string text;
  JsonLog log(std::make_unique<llvm::raw_string_ostream>(text));
  const int key = 0;
  for (uint64_t done = 0; done <= 100; ++done)
    log.progress({&key, "export", "writing", done, 100, true, 0.001, done == 100});
  EXPECT_EQ(parseLines(text).size(), 2u);
}

TEST(JsonLog, namesTheFileThatCannotBeWritten) {
  auto log = JsonLog::open("/nonexistent/folder/log.json");
  ASSERT_FALSE(log);
  EXPECT_NE(llvm::toString(log.takeError()).find("/nonexistent/folder/log.json"),
            std::string::npos);
}

} // namespace

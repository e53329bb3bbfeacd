// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Diagnostics: what is printed, what is collected, what is suggested.

#include "optrun/Support/Diagnostics.h"

#include "optrun/Support/OptionError.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

using namespace optrun;
using testing::HasSubstr;
using testing::Not;

namespace {

class DiagnosticsTest : public testing::Test {
protected:
  /// The place of \p needle in a file with the contents \p text.
  llvm::SMLoc locate(llvm::StringRef text, llvm::StringRef needle) {
    auto buffer = llvm::MemoryBuffer::getMemBufferCopy(text, "recipe.yaml");
    const char *start = buffer->getBufferStart();
    diagnostics.sources().AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
    return llvm::SMLoc::getFromPointer(start + text.find(needle));
  }

  std::string output;
  llvm::raw_string_ostream stream{output};
  Diagnostics diagnostics{&stream};
};

TEST_F(DiagnosticsTest, ShowsFileLineColumnTextAndCaret) {
  diagnostics.error(locate("recipe: 1\npases: []\n", "pases"), "unknown key 'pases'");
  EXPECT_EQ(output, "recipe.yaml:2:1: error: unknown key 'pases'\n"
                    "pases: []\n"
                    "^\n");
}

TEST_F(DiagnosticsTest, PutsTheCaretBelowTextThatIsNotAscii) {
  diagnostics.error(locate("name: \xC3\xBC\xE4\xB8\xAD here\n", "here"), "wrong");
  // u with umlaut is one column wide, the Chinese character two.
  EXPECT_EQ(output, "recipe.yaml:1:13: error: wrong\n"
                    "name: \xC3\xBC\xE4\xB8\xAD here\n"
                    "          ^\n");
}

TEST_F(DiagnosticsTest, PutsTheCaretBelowTextAfterTabs) {
  diagnostics.error(locate("a:\t\tb", "b"), "wrong");
  EXPECT_THAT(output, HasSubstr("\na:  b\n    ^\n"));
}

TEST_F(DiagnosticsTest, CutsLongLines) {
  diagnostics.error(locate(std::string(100'000, 'x') + "!" + std::string(100'000, 'y'), "!"),
                    "wrong");
  EXPECT_THAT(output, HasSubstr("recipe.yaml:1:100001: error: wrong"));
  EXPECT_THAT(output, HasSubstr("...xxx"));
  EXPECT_THAT(output, HasSubstr("yyy...\n"));
  EXPECT_LT(output.size(), 500u);
}

TEST_F(DiagnosticsTest, LetsNoControlCharacterThrough) {
  diagnostics.error(locate("a: \x1B[31mred\n", "red"), "no \x1B[0mescape");
  EXPECT_THAT(output, Not(HasSubstr("\x1B")));
  EXPECT_THAT(output, HasSubstr("no \\x1b[0mescape"));
}

TEST_F(DiagnosticsTest, ReportsWithoutPlaceAndInOrder) {
  diagnostics.warning("first");
  diagnostics.error("second");
  diagnostics.note(llvm::SMLoc(), "third");
  EXPECT_EQ(output, "warning: first\nerror: second\nnote: third\n");
  EXPECT_EQ(diagnostics.errorCount(), 1u);
  ASSERT_EQ(diagnostics.all().size(), 3u);
  EXPECT_EQ(diagnostics.all()[0].severity, Severity::Warning);
}

TEST_F(DiagnosticsTest, ReportsEachOfJoinedErrors) {
  auto make = [](const char *text) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
  };
  diagnostics.error(llvm::joinErrors(make("one"), make("two")));
  EXPECT_EQ(output, "error: one\nerror: two\n");
  EXPECT_EQ(diagnostics.errorCount(), 2u);
}

TEST_F(DiagnosticsTest, ReportsErrorsOfOptionsAtTheirPlace) {
  diagnostics.error(
      llvm::make_error<OptionError>("memory", "is too small", locate("memory: 1KB\n", "1KB")));
  EXPECT_EQ(output, "recipe.yaml:1:9: error: is too small\nmemory: 1KB\n        ^\n");
}

TEST_F(DiagnosticsTest, FormatsOneLineForLogs) {
  diagnostics.error(locate("recipe: 2\n", "2"), "too new");
  EXPECT_EQ(diagnostics.format(diagnostics.all()[0]), "recipe.yaml:1:9: error: too new");
}

TEST_F(DiagnosticsTest, TakesReportsFromManyThreads) {
  llvm::SMLoc location = locate("recipe: 1\n", "1");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i)
        diagnostics.error(location, "wrong");
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(diagnostics.errorCount(), 400u);
  llvm::StringRef rest = output;
  for (int i = 0; i < 400; ++i)
    EXPECT_TRUE(rest.consume_front("recipe.yaml:1:9: error: wrong\nrecipe: 1\n        ^\n"));
  EXPECT_TRUE(rest.empty());
}

TEST(SuggestName, FindsWhatWasMeant) {
  std::vector<std::string> names = {"splits", "block", "balance", "separate-embeddings", "memory"};
  EXPECT_EQ(suggestName("split", names), "splits");
  EXPECT_EQ(suggestName("slpits", names), "splits");
  EXPECT_EQ(suggestName("Splits", names), "splits");
  EXPECT_EQ(suggestName("separate_embeddings", names), "separate-embeddings");
  EXPECT_EQ(suggestName("mem", names), "memory");
  EXPECT_EQ(suggestName("memory-limit", names), "memory");
  EXPECT_EQ(suggestName("output", names), "");
  EXPECT_EQ(suggestName("", names), "");
  EXPECT_EQ(suggestName(std::string(10'000, 'x'), names), "");
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From a GGUF file to components that speak.

#include "RecipeRunTest.h"

#include "optrun/Runtime/OnnxRuntime.h"

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

class GenerateTest : public RecipeRunTest {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "set-up did not provide the language model";
    if (llvm::Expected<std::string> version = runtime::version(); !version)
      GTEST_SKIP() << llvm::toString(version.takeError());
  }

  ProcessResult split(const std::string &captureOptions) const {
    return runOptRun({writeRecipe({"capture: {model: " + languageModel() + captureOptions + "}",
                                   "split-by-count: {splits: 3}", "export: {output: parts}"})});
  }
  ProcessResult generate(const std::string &vocabulary) const {
    return runProcess({buildDir() + "/bin/opt-generate", folder.path("parts"), "--vocabulary",
                       vocabulary, "--prompt", "The capital of France is", "--tokens", "2"});
  }
};

TEST_F(GenerateTest, ComponentsGoOnFromAPrompt) {
  ProcessResult parts = split("");
  ASSERT_EQ(parts.exitCode, 0) << parts.err;
  EXPECT_EQ(generate(languageModel()).out, "The capital of France is Paris.\n");

  ProcessResult refused = generate(folder.write("model.gguf", "GGUF"));
  EXPECT_EQ(refused.exitCode, 1);
  EXPECT_THAT(refused.err, HasSubstr("model.gguf"));
}

TEST_F(GenerateTest, AModelWithoutCacheIsRefused) {
  ProcessResult parts = split(", kv-cache: false");
  ASSERT_EQ(parts.exitCode, 0) << parts.err;
  ProcessResult refused = generate(languageModel());
  EXPECT_EQ(refused.exitCode, 1);
  EXPECT_THAT(refused.err, HasSubstr("takes no past keys and values"));
}

TEST_F(GenerateTest, AWrongCommandLineIsNotRun) {
  EXPECT_EQ(runProcess({buildDir() + "/bin/opt-generate"}).exitCode, 2);
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Where tests find fixtures, models and the programs that they start.

#include "TestSupport/TestPaths.h"

#include "TestPaths.inc"

#include "llvm/ADT/Twine.h"

#include <cstdlib>

static std::string fromEnvironment(const char *name, const char *configured) {
  const char *value = std::getenv(name);
  return value && *value ? value : configured;
}

namespace optrun::test {

std::string sourceDir() { return fromEnvironment("OPTRUN_SOURCE_DIR", OPTRUN_SOURCE_DIR); }

std::string buildDir() { return fromEnvironment("OPTRUN_BUILD_DIR", OPTRUN_BUILD_DIR); }

std::string optRunPath() { return buildDir() + "/bin/opt-run"; }

std::string fixture(llvm::StringRef relativePath) {
  return (fromEnvironment("OPTRUN_SHARED", OPTRUN_SHARED) + llvm::Twine("/fixtures/") +
          relativePath)
      .str();
}

std::string onnxTestData() {
  return fromEnvironment("OPTRUN_ONNX_TEST_DATA", OPTRUN_ONNX_TEST_DATA);
}

std::string testModel(llvm::StringRef relativePath) {
  return (fromEnvironment("OPTRUN_TEST_MODELS", OPTRUN_TEST_MODELS) + llvm::Twine("/") +
          relativePath)
      .str();
}

std::string languageModel() {
  return fromEnvironment("OPTRUN_LANGUAGE_MODEL", OPTRUN_LANGUAGE_MODEL);
}

std::string genAiLibrary() { return fromEnvironment("OPTRUN_GENAI_LIBRARY", OPTRUN_GENAI_LIBRARY); }

} // namespace optrun::test

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Where tests find fixtures, models and the programs that they start. Each path can be overridden
/// by the environment variable that is named with it.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_TESTPATHS_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_TESTPATHS_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace optrun::test {

/// The source tree (OPTRUN_SOURCE_DIR).
std::string sourceDir();

/// The build tree (OPTRUN_BUILD_DIR), with bin/opt-run and lib/optrun/passes in it.
std::string buildDir();

/// The driver in the build tree.
std::string optRunPath();

/// A file or folder under the fixtures folder (OPTRUN_SHARED/fixtures), e.g.
/// "onnx/gpt2-dynamo.onnx".
std::string fixture(llvm::StringRef relativePath);

/// ONNX's backend test data (OPTRUN_ONNX_TEST_DATA): folders with a model.onnx each. Empty where
/// set-up did not provide it.
std::string onnxTestData();

/// A file under the folder of pinned real models (OPTRUN_TEST_MODELS), e.g.
/// "minilm-int8/model.onnx".
std::string testModel(llvm::StringRef relativePath);

/// SmolLM2-135M-Instruct as a GGUF file, Q4_1 (OPTRUN_LANGUAGE_MODEL). It is large, so that it need
/// not exist: only `tools/dev test` fetches it.
std::string languageModel();

/// The library of ONNX Runtime GenAI (OPTRUN_GENAI_LIBRARY), which need not exist either.
std::string genAiLibrary();

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_TESTPATHS_H

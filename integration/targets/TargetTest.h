// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Exports for other programs: of checkpoints, and of a small llama that is there both as an ONNX
/// file and as a checkpoint.

#ifndef OPTRUN_INTEGRATION_TARGETS_TARGETTEST_H
#define OPTRUN_INTEGRATION_TARGETS_TARGETTEST_H

#include "TestSupport/Errors.h"
#include "TestSupport/Process.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Results/Manifest.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace optrun::test {

/// Runs recipes that export to out/, and GenAI on what they have written.
class TargetRun : public testing::Test {
protected:
  /// Captures \p model, runs \p passes and exports.
  ProcessResult exportCheckpoint(const std::string &model, const std::string &exportOptions,
                                 const std::vector<std::string> &passes = {}) const {
    return exportThrough("", "{model: " + model + "}", passes, exportOptions);
  }

  ProcessResult exportThrough(const std::string &plugins, const std::string &capture,
                              const std::vector<std::string> &passes,
                              const std::string &exportOptions) const {
    std::string text = "recipe: 1\n" + plugins + "passes:\n  - capture: " + capture + "\n";
    for (const std::string &pass : passes)
      text += "  - " + pass + "\n";
    text += "  - export: {output: out, " + exportOptions + "}\n";
    return runOptRun({folder.write("recipe.yaml", text)});
  }

  static std::string onnxRuntimeLibrary() { return buildDir() + "/lib/optrun/libonnxruntime.so.1"; }
  static bool hasGenAi() {
    return std::filesystem::exists(genAiLibrary()) && std::filesystem::exists(onnxRuntimeLibrary());
  }
  static constexpr const char *NoGenAi = "no ONNX Runtime GenAI; tools/dev test fetches it";

  /// GenAI with out/: \p prompt as genai-generate takes it.
  ProcessResult generate(int length, const std::vector<std::string> &prompt) const {
    std::vector<std::string> arguments = {buildDir() + "/tests/genai-generate", genAiLibrary(),
                                          folder.path("out"), std::to_string(length)};
    arguments.insert(arguments.end(), prompt.begin(), prompt.end());
    return runProcess(arguments, {"ORT_LIB_PATH=" + onnxRuntimeLibrary()});
  }

  std::string contentOf(const std::string &name) const {
    std::ifstream file(folder.path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::vector<std::string> namesIn(const std::string &name) const {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(folder.path(name)))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  /// What the manifest of out/ says was written, itself left out.
  std::vector<std::string> listedFiles() const {
    std::vector<std::string> names;
    for (const Manifest::File &file : valueOf(parseManifest(contentOf("out/manifest.json"))).files)
      names.push_back(file.file);
    return names;
  }

  TemporaryFolder folder;
};

class TargetTest : public TargetRun {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(fixture("onnx/llama-kv-optimum.onnx")))
      GTEST_SKIP() << "no fixtures";
    // Its own checkpoint, but for a tokenizer.
    std::filesystem::create_directories(folder.path("checkpoint"));
    for (const char *name : {"config.json", "generation_config.json", "model.safetensors"})
      std::filesystem::copy(fixture("checkpoints/llama/") + name, folder.path("checkpoint"));
    folder.write("checkpoint/tokenizer.json", "{}");
  }

  /// Captures the ONNX file, describes it as the checkpoint, runs \p passes and exports.
  ProcessResult exportModel(const std::string &exportOptions,
                            const std::vector<std::string> &passes = {},
                            const std::string &describeOptions = "") const {
    std::vector<std::string> all = passes;
    all.insert(all.begin(), "describe-model: {checkpoint: checkpoint" + describeOptions + "}");
    return exportThrough("plugins: [" + buildDir() + "/tests/plugins/describe-model.so]\n",
                         "{model: " + fixture("onnx/llama-kv-optimum.onnx") + "}", all,
                         exportOptions);
  }
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_TARGETS_TARGETTEST_H

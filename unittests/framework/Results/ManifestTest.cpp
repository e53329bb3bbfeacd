// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// manifest.json: what is written is read again, and nothing else is taken for a manifest.

#include "optrun/Results/Manifest.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

EvaluationFigures makeEvaluation() {
  EvaluationFigures figures;
  figures.data = "ids.npy";
  figures.windows = 4;
  figures.windowTokens = 512;
  figures.model = {"out", 21.63, SpeedFigures{0.5, 1234.5, 1 << 20}};
  figures.reference = ModelFigures{"model.onnx", 1.0 / 3, std::nullopt};
  figures.agreement = 1;
  figures.divergence = 0;
  figures.maxAbsoluteError = 0.25;
  return figures;
}

Manifest makeManifest() {
  Manifest manifest;
  manifest.recipe = "split-by-count";
  manifest.components = {{.name = "split_0",
                          .file = "split_0.onnx",
                          .data = {"weights/model.data"},
                          .weightBytes = 4096,
                          .plannedBytes = 4096,
                          .budgetBytes = 5000,
                          .device = "npu",
                          .inputs = {"input_ids"},
                          .outputs = {"hidden"}},
                         {.name = "split_1",
                          .file = "split_1.onnx",
                          .weightBytes = 12,
                          .inputs = {"hidden"},
                          .outputs = {"logits"}}};
  manifest.files = {{"split_0.onnx", 100}, {"split_1.onnx", 200}};
  manifest.passes = {{"capture", 1, R"({"model":"m.onnx"})", 0.25, 1 << 20}};
  manifest.inputs = {{"m.onnx", 10, "00ff", std::nullopt},
                     {"m.onnx.data", 20, std::nullopt, "2024-05-01T12:00:00Z"}};
  manifest.verification = Manifest::Verification{3, 1, true, 1e-5};
  manifest.evaluation = makeEvaluation();
  return manifest;
}

/// The manifest of makeManifest() with one member replaced by the JSON in \p value.
std::string withMember(const std::string &pointer, const std::string &value) {
  auto json = nlohmann::ordered_json::parse(printManifest(makeManifest()));
  json[nlohmann::ordered_json::json_pointer(pointer)] = nlohmann::ordered_json::parse(value);
  return json.dump();
}

TEST(Manifest, IsReadAsItWasWritten) {
  const std::string text = printManifest(makeManifest());
  Manifest manifest = valueOf(parseManifest(text));
  EXPECT_EQ(printManifest(manifest), text);
  ASSERT_EQ(manifest.components.size(), 2u);
  EXPECT_THAT(manifest.components[0].data, ElementsAre("weights/model.data"));
  EXPECT_EQ(manifest.components[0].plannedBytes, 4096u);
  EXPECT_EQ(manifest.components[0].budgetBytes, 5000u);
  EXPECT_EQ(manifest.components[0].device, "npu");
  EXPECT_EQ(manifest.components[1].plannedBytes, std::nullopt);
  EXPECT_EQ(manifest.components[1].device, std::nullopt);
  EXPECT_EQ(manifest.inputs[0].sha256, "00ff");
  EXPECT_EQ(manifest.inputs[1].modified, "2024-05-01T12:00:00Z");
  EXPECT_EQ(manifest.verification->inputSets, 3u);
}

TEST(Manifest, HasTheMembersThatTheFormatPromises) {
  auto json = nlohmann::ordered_json::parse(printManifest(makeManifest()));
  EXPECT_EQ(json["format"], "optrun-manifest/1");
  EXPECT_EQ(json["recipe"], "split-by-count");
  const auto &component = json["components"][0];
  for (const char *name :
       {"name", "file", "data", "weight_bytes", "planned_bytes", "inputs", "outputs"})
    EXPECT_TRUE(component.contains(name)) << name;
  EXPECT_TRUE(json["components"][1]["planned_bytes"].is_null());
  const auto &pass = json["passes"][0];
  EXPECT_EQ(pass["options"]["model"], "m.onnx");
  EXPECT_EQ(pass["seconds"], 0.25);
  EXPECT_EQ(pass["peak_rss_bytes"], 1 << 20);
  EXPECT_EQ(json["inputs"][0]["sha256"], "00ff");
  EXPECT_TRUE(json["inputs"][1]["sha256"].is_null());
}

TEST(Manifest, HasAnEvaluationWithWhatWasMeasured) {
  auto evaluation = nlohmann::ordered_json::parse(printManifest(makeManifest()))["evaluation"];
  EXPECT_EQ(evaluation["scored_tokens"], 4 * 511);
  EXPECT_EQ(evaluation["model"]["tokens_per_second"], 1234.5);
  EXPECT_EQ(evaluation["top1_agreement"], 1.0);
  EXPECT_FALSE(evaluation["reference"].contains("tokens_per_second"));
  EXPECT_FALSE(evaluation.contains("max_relative_error"));
  EXPECT_EQ(valueOf(parseManifest(printManifest(makeManifest()))).evaluation, makeEvaluation());
}

TEST(Manifest, WritesFiguresWithoutBoundsAsNull) {
  Manifest manifest = makeManifest();
  manifest.evaluation->divergence = std::numeric_limits<double>::infinity();
  const std::string text = printManifest(manifest);
  EXPECT_TRUE(nlohmann::json::parse(text)["evaluation"]["kl_divergence"].is_null());
  EXPECT_EQ(valueOf(parseManifest(text)).evaluation, manifest.evaluation);
}

TEST(Manifest, RefusesADamagedEvaluation) {
  EXPECT_THAT(errorOf(parseManifest(withMember("/evaluation/model/perplexity", "\"many\""))),
              HasSubstr("perplexity"));
  EXPECT_THAT(errorOf(parseManifest(withMember("/evaluation/windows", "-1"))),
              HasSubstr("windows"));
}

TEST(Manifest, IsJsonWhateverNamesHold) {
  Manifest manifest = makeManifest();
  manifest.components[0].outputs = {"a\"b\\c\n", "\xff\xfe"};
  EXPECT_TRUE(nlohmann::json::accept(printManifest(manifest)));
}

TEST(Manifest, RefusesOtherText) {
  for (const char *text : {"", "[]", "{}", "{\"format\":\"optrun-manifest/2\"}", "{\"format\":1}",
                           "not json", "{\"format\":\"optrun-manifest/1\""})
    EXPECT_NE(errorOf(parseManifest(text)), "(no error)") << text;
}

TEST(Manifest, RefusesWrongMembers) {
  for (auto [pointer, value] : {std::pair<const char *, const char *>{"/components/0/name", "1"},
                                {"/components/0/weight_bytes", "-1"},
                                {"/components/0/inputs", "[1]"},
                                {"/components", "{}"},
                                {"/components/1", "[]"},
                                {"/files/0/bytes", "\"100\""},
                                {"/passes/0/seconds", "null"},
                                {"/passes/0/version", "4294967296"},
                                {"/verification/bit_equal", "1"}})
    EXPECT_THAT(errorOf(parseManifest(withMember(pointer, value))), HasSubstr("damaged"))
        << pointer;
}

TEST(Manifest, RefusesNamesThatLeadOutOfTheFolder) {
  for (const char *name : {"../model.onnx", "/etc/passwd", "a/../../b", "a//b", "./a", "", "a/"}) {
    const std::string quoted = nlohmann::json(name).dump();
    EXPECT_NE(errorOf(parseManifest(withMember("/files/0/file", quoted))), "(no error)") << name;
    EXPECT_NE(errorOf(parseManifest(withMember("/components/0/file", quoted))), "(no error)")
        << name;
    EXPECT_NE(errorOf(parseManifest(withMember("/components/0/data/0", quoted))), "(no error)")
        << name;
  }
}

TEST(Manifest, RefusesNamesThatEndBeforeTheirEnd) {
  const std::string name = R"("split_0.onnx\u0000.txt")";
  EXPECT_THAT(errorOf(parseManifest(withMember("/components/0/file", name))), HasSubstr("damaged"));
}

TEST(Manifest, RefusesMembersThatAreThereTwice) {
  std::string text = printManifest(makeManifest());
  text.insert(1, R"("files": [],)");
  EXPECT_THAT(errorOf(parseManifest(text)), HasSubstr("'files' is there twice"));
}

/// Options are whatever a pass has; printing them again must not exhaust the stack.
TEST(Manifest, RefusesDeepNesting) {
  std::string deep;
  for (int i = 0; i != 1'000'000; ++i)
    deep += "[";
  std::string text = printManifest(makeManifest());
  const std::string options = "\"options\": ";
  text.insert(text.find(options) + options.size(), deep);
  EXPECT_THAT(errorOf(parseManifest(text)), HasSubstr("nested more than"));
}

TEST(ManifestFile, IsFoundInItsFolder) {
  TemporaryFolder folder;
  EXPECT_EQ(valueOf(readManifest(folder.path(""))), std::nullopt);
  EXPECT_EQ(valueOf(readManifest(folder.path("none"))), std::nullopt);
  folder.write("manifest.json", printManifest(makeManifest()));
  EXPECT_EQ(valueOf(readManifest(folder.path("")))->recipe, "split-by-count");
}

TEST(ManifestFile, IsNamedWhenItCannotBeRead) {
  TemporaryFolder folder;
  const std::string path = folder.write("manifest.json", "{}");
  EXPECT_THAT(errorOf(readManifest(folder.path(""))),
              AllOf(HasSubstr(path), HasSubstr("no manifest of the format")));
  std::filesystem::resize_file(path, uint64_t(20) << 20);
  EXPECT_THAT(errorOf(readManifest(folder.path(""))), AllOf(HasSubstr(path), HasSubstr("limit")));
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(errorOf(readManifest(folder.path(""))), HasSubstr("is a named pipe"))
      << "nobody waits for its writer";
}

} // namespace

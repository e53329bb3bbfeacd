// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Printing and reading manifest.json.

#include "optrun/Results/Manifest.h"

#include "Checkpoint/SmallFile.h"
#include "EvaluationJson.h"
#include "JsonObjectReader.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace llvm;

namespace optrun {
namespace {

/// A component takes some hundred bytes, and a name for each of its inputs and outputs.
constexpr uint64_t MaxFileBytes = uint64_t(16) << 20;

/// Whole microseconds: more digits are noise.
double roundSeconds(double seconds) { return std::round(seconds * 1e6) / 1e6; }

template <typename T> Json orNull(const std::optional<T> &value) {
  return value ? Json(*value) : Json(nullptr);
}

Json toJson(const Manifest::Component &component) {
  Json json = {{"name", component.name},
               {"file", component.file},
               {"data", component.data},
               {"weight_bytes", component.weightBytes},
               {"planned_bytes", orNull(component.plannedBytes)},
               {"inputs", component.inputs},
               {"outputs", component.outputs}};
  if (component.budgetBytes)
    json["budget_bytes"] = *component.budgetBytes;
  if (component.device)
    json["device"] = *component.device;
  return json;
}

Json toJson(const Manifest::File &file) { return {{"file", file.file}, {"bytes", file.bytes}}; }

Json toJson(const PassRecord &pass) {
  Json options = Json::parse(pass.optionsJson, nullptr, /*allow_exceptions=*/false);
  return {{"id", pass.id},
          {"version", pass.version},
          {"options", options.is_discarded() ? Json::object() : options},
          {"seconds", roundSeconds(pass.seconds)},
          {"peak_rss_bytes", pass.peakRssBytes}};
}

Json toJson(const Manifest::Input &input) {
  Json json = {{"file", input.file}, {"bytes", input.bytes}, {"sha256", orNull(input.sha256)}};
  if (input.modified)
    json["modified"] = *input.modified;
  return json;
}

Json toJson(const Manifest::Verification &verification) {
  return {{"input_sets", verification.inputSets},
          {"outputs", verification.outputs},
          {"bit_equal", verification.bitEqual},
          {"tolerance", verification.tolerance}};
}

template <typename T> Json toJson(const std::vector<T> &list) {
  Json json = Json::array();
  for (const T &element : list)
    json.push_back(toJson(element));
  return json;
}

Manifest::Component readComponent(JsonObjectReader reader) {
  Manifest::Component component;
  component.name = reader.text("name");
  component.file = reader.fileName("file");
  component.data = reader.fileNames("data");
  component.weightBytes = reader.count("weight_bytes");
  if (reader.has("planned_bytes"))
    component.plannedBytes = reader.count("planned_bytes");
  if (reader.has("budget_bytes"))
    component.budgetBytes = reader.count("budget_bytes");
  if (reader.has("device"))
    component.device = reader.text("device");
  component.inputs = reader.texts("inputs");
  component.outputs = reader.texts("outputs");
  return component;
}

PassRecord readPass(JsonObjectReader reader) {
  PassRecord pass;
  pass.id = reader.text("id");
  pass.version =
      static_cast<unsigned>(reader.count("version", std::numeric_limits<unsigned>::max()));
  pass.optionsJson = reader.member("options").dump();
  pass.seconds = reader.number("seconds");
  pass.peakRssBytes = reader.count("peak_rss_bytes");
  return pass;
}

Manifest::Input readInput(JsonObjectReader reader) {
  Manifest::Input input;
  input.file = reader.text("file");
  input.bytes = reader.count("bytes");
  if (reader.has("sha256"))
    input.sha256 = reader.text("sha256");
  if (reader.has("modified"))
    input.modified = reader.text("modified");
  return input;
}

Manifest::Verification readVerification(JsonObjectReader reader) {
  Manifest::Verification verification;
  verification.inputSets = reader.count("input_sets");
  verification.outputs = reader.count("outputs");
  verification.bitEqual = reader.flag("bit_equal");
  verification.tolerance = reader.number("tolerance");
  return verification;
}

} // namespace

std::string printManifest(const Manifest &manifest) {
  Json json = {{"format", Manifest::Format.str()},          {"recipe", manifest.recipe},
               {"components", toJson(manifest.components)}, {"files", toJson(manifest.files)},
               {"passes", toJson(manifest.passes)},         {"inputs", toJson(manifest.inputs)}};
  if (manifest.verification)
    json["verification"] = toJson(*manifest.verification);
  if (manifest.evaluation)
    json["evaluation"] = toJson(*manifest.evaluation);
  // Names of values and files need not be UTF-8; what is not is replaced, so that this is JSON.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<Manifest> parseManifest(StringRef text) {
  if (Error error = checkpoint::checkJsonObject(text))
    return std::move(error);
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  std::string problem;
  JsonObjectReader reader(json, problem);
  if (!reader.has("format") || reader.text("format") != Manifest::Format)
    return createStringError("this is no manifest of the format " + Manifest::Format);
  Manifest manifest;
  manifest.recipe = reader.text("recipe");
  for (const Json &each : reader.list("components"))
    manifest.components.push_back(readComponent(JsonObjectReader(each, problem)));
  for (const Json &each : reader.list("files")) {
    JsonObjectReader file(each, problem);
    manifest.files.push_back({file.fileName("file"), file.count("bytes")});
  }
  for (const Json &each : reader.list("passes"))
    manifest.passes.push_back(readPass(JsonObjectReader(each, problem)));
  for (const Json &each : reader.list("inputs"))
    manifest.inputs.push_back(readInput(JsonObjectReader(each, problem)));
  if (reader.has("verification"))
    manifest.verification = readVerification(reader.object("verification"));
  if (reader.has("evaluation"))
    manifest.evaluation = readEvaluation(reader.object("evaluation"));
  if (!problem.empty())
    return createStringError("the manifest is damaged: " + problem + " is missing or wrong");
  return manifest;
}

Expected<std::optional<Manifest>> readManifest(StringRef folder) {
  SmallString<256> path(folder);
  sys::path::append(path, Manifest::FileName);
  if (!sys::fs::exists(path))
    return std::nullopt;
  Expected<std::string> text = checkpoint::readSmallFile(path, MaxFileBytes);
  if (!text)
    return text.takeError();
  Expected<Manifest> manifest = parseManifest(*text);
  if (!manifest)
    return createStringError("'" + path + "': " + toString(manifest.takeError()));
  return std::move(*manifest);
}

} // namespace optrun

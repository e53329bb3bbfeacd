// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Printing and reading manifest.json.

#include "optrun/Results/Manifest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>
#include <nlohmann/json.hpp>

using namespace llvm;

namespace optrun {
namespace {

using Json = nlohmann::ordered_json;

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

/// Reads members of one JSON object; the first problem is kept and names the member.
class Reader {
public:
  Reader(const Json &json, std::string &problem) : json(json), problem(problem) {
    if (!json.is_object())
      fail("an object is missing");
  }

  std::string text(const char *key) {
    const Json *value = find(key);
    if (value && value->is_string())
      return value->get<std::string>();
    return fail(key), std::string();
  }

  uint64_t count(const char *key) {
    const Json *value = find(key);
    if (value && value->is_number_unsigned())
      return value->get<uint64_t>();
    return fail(key), 0;
  }

  double number(const char *key) {
    const Json *value = find(key);
    if (value && value->is_number())
      return value->get<double>();
    return fail(key), 0;
  }

  bool flag(const char *key) {
    const Json *value = find(key);
    if (value && value->is_boolean())
      return value->get<bool>();
    return fail(key), false;
  }

  bool has(const char *key) {
    const Json *value = find(key);
    return value && !value->is_null();
  }

  /// A path relative to the folder that stays inside it.
  std::string fileName(const char *key) { return checked(text(key)); }

  std::vector<std::string> texts(const char *key) {
    std::vector<std::string> result;
    for (const Json &element : list(key)) {
      if (!element.is_string())
        return fail(key), result;
      result.push_back(element.get<std::string>());
    }
    return result;
  }

  std::vector<std::string> fileNames(const char *key) {
    std::vector<std::string> names = texts(key);
    for (const std::string &name : names)
      checked(name);
    return names;
  }

  const Json &list(const char *key) {
    static const Json none = Json::array();
    const Json *value = find(key);
    if (value && value->is_array())
      return *value;
    return fail(key), none;
  }

  const Json &member(const char *key) {
    static const Json none;
    const Json *value = find(key);
    return value ? *value : none;
  }

private:
  const Json *find(const char *key) {
    auto found = json.find(key);
    return json.is_object() && found != json.end() ? &*found : nullptr;
  }

  std::string checked(std::string name) {
    SmallVector<StringRef> parts;
    StringRef(name).split(parts, '/');
    if (is_contained(parts, "") || is_contained(parts, ".") || is_contained(parts, ".."))
      fail("file '" + name + "'");
    return name;
  }

  void fail(const std::string &what) {
    if (problem.empty())
      problem = what;
  }

  const Json &json;
  std::string &problem;
};

Manifest::Component readComponent(Reader reader) {
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

PassRecord readPass(Reader reader) {
  PassRecord pass;
  pass.id = reader.text("id");
  pass.version = static_cast<unsigned>(reader.count("version"));
  pass.optionsJson = reader.member("options").dump();
  pass.seconds = reader.number("seconds");
  pass.peakRssBytes = reader.count("peak_rss_bytes");
  return pass;
}

Manifest::Input readInput(Reader reader) {
  Manifest::Input input;
  input.file = reader.text("file");
  input.bytes = reader.count("bytes");
  if (reader.has("sha256"))
    input.sha256 = reader.text("sha256");
  if (reader.has("modified"))
    input.modified = reader.text("modified");
  return input;
}

Manifest::Verification readVerification(Reader reader) {
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
  // Names of values and files need not be UTF-8; what is not is replaced, so that this is JSON.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<Manifest> parseManifest(StringRef text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object())
    return createStringError("this is not JSON, or no JSON object");
  std::string problem;
  Reader reader(json, problem);
  if (!reader.has("format") || reader.text("format") != Manifest::Format)
    return createStringError("this is no manifest of the format " + Manifest::Format);
  Manifest manifest;
  manifest.recipe = reader.text("recipe");
  for (const Json &each : reader.list("components"))
    manifest.components.push_back(readComponent(Reader(each, problem)));
  for (const Json &each : reader.list("files")) {
    Reader file(each, problem);
    manifest.files.push_back({file.fileName("file"), file.count("bytes")});
  }
  for (const Json &each : reader.list("passes"))
    manifest.passes.push_back(readPass(Reader(each, problem)));
  for (const Json &each : reader.list("inputs"))
    manifest.inputs.push_back(readInput(Reader(each, problem)));
  if (reader.has("verification"))
    manifest.verification = readVerification(Reader(reader.member("verification"), problem));
  if (!problem.empty())
    return createStringError("the manifest is damaged: " + problem + " is missing or wrong");
  return manifest;
}

} // namespace optrun

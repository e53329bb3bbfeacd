// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checked access to the config.json of a checkpoint.

#include "decoder/ModelConfig.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace optrun::decoder {
namespace {

using Json = nlohmann::json;

/// Real ones have a few kilobytes.
constexpr size_t MaxConfigBytes = size_t{16} << 20;

/// Printing and copying are recursive.
constexpr int MaxDepth = 32;

std::string printed(const Json &value) {
  constexpr size_t MaxShown = 40;
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > MaxShown)
    text.replace(MaxShown, std::string::npos, "...");
  return text;
}

/// nullopt for what is no integer in that range.
std::optional<int64_t> integerFrom(const Json &value, int64_t least, int64_t limit) {
  // Integers beyond int64_t are "unsigned" to the parser; get() would wrap them.
  const bool isBelow = value.is_number_unsigned()
                           ? value.get<uint64_t>() <= static_cast<uint64_t>(limit)
                           : value.is_number_integer() && value.get<int64_t>() <= limit;
  return isBelow && value.get<int64_t>() >= least ? std::optional(value.get<int64_t>())
                                                  : std::nullopt;
}

bool isPositive(const Json &value) {
  return value.is_number() && std::isfinite(value.get<double>()) && value.get<double>() > 0;
}

} // namespace

struct ModelConfig::State {
  Json object;
  std::string name;
  std::string prefix; // "rope_scaling." inside of that object
  std::shared_ptr<std::vector<std::string>> problems;

  const Json *find(llvm::StringRef key) const {
    auto found = object.find(std::string_view(key));
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }
};

ModelConfig::ModelConfig(std::unique_ptr<State> state) : state(std::move(state)) {}
ModelConfig::ModelConfig(ModelConfig &&) noexcept = default;
ModelConfig &ModelConfig::operator=(ModelConfig &&) noexcept = default;
ModelConfig::~ModelConfig() = default;

llvm::Expected<ModelConfig> ModelConfig::parse(llvm::StringRef json, llvm::StringRef name) {
  if (json.size() > MaxConfigBytes)
    return llvm::createStringError(name + " is too large to be one");
  bool isDeep = false;
  const auto refuseDepth = [&](int depth, Json::parse_event_t, Json &) {
    isDeep |= depth > MaxDepth;
    return depth <= MaxDepth;
  };
  Json object = Json::parse(json.begin(), json.end(), refuseDepth, /*allow_exceptions=*/false);
  if (isDeep)
    return llvm::createStringError(name + " is nested too deeply");
  if (object.is_discarded())
    return llvm::createStringError(name + " is not valid JSON");
  if (!object.is_object())
    return llvm::createStringError(name + " holds no object");
  return ModelConfig(std::make_unique<State>(
      State{std::move(object), name.str(), "", std::make_shared<std::vector<std::string>>()}));
}

bool ModelConfig::has(llvm::StringRef key) const { return state->find(key) != nullptr; }

bool ModelConfig::mentions(llvm::StringRef key) const {
  return state->object.contains(std::string_view(key));
}

int64_t ModelConfig::extent(llvm::StringRef key, int64_t limit) {
  if (std::optional<int64_t> value = optionalExtent(key, limit))
    return *value;
  reject(key, "is missing");
  return 1;
}

std::optional<int64_t> ModelConfig::optionalExtent(llvm::StringRef key, int64_t limit) {
  return integer(key, 1, limit);
}

std::optional<int64_t> ModelConfig::optionalCount(llvm::StringRef key) {
  return integer(key, 0, MaxExtent);
}

std::optional<int64_t> ModelConfig::integer(llvm::StringRef key, int64_t least, int64_t limit) {
  const Json *value = state->find(key);
  if (!value)
    return std::nullopt;
  if (std::optional<int64_t> number = integerFrom(*value, least, limit))
    return number;
  rejectValue(key,
              "it must be an integer from " + llvm::Twine(least) + " to " + llvm::Twine(limit));
  return 1;
}

double ModelConfig::positive(llvm::StringRef key) {
  if (!has(key))
    reject(key, "is missing");
  return positive(key, 1);
}

double ModelConfig::positive(llvm::StringRef key, double otherwise) {
  const Json *value = state->find(key);
  if (!value)
    return otherwise;
  if (isPositive(*value))
    return value->get<double>();
  rejectValue(key, "it must be a number above 0");
  return 1;
}

std::optional<double> ModelConfig::optionalNumber(llvm::StringRef key) {
  const Json *value = state->find(key);
  if (!value)
    return std::nullopt;
  if (isPositive(*value) || *value == 0)
    return value->get<double>();
  rejectValue(key, "it must be a number, 0 or more");
  return std::nullopt;
}

bool ModelConfig::flag(llvm::StringRef key, bool otherwise) {
  return optionalFlag(key).value_or(otherwise);
}

std::optional<bool> ModelConfig::optionalFlag(llvm::StringRef key) {
  const Json *value = state->find(key);
  if (!value)
    return std::nullopt;
  if (value->is_boolean())
    return value->get<bool>();
  rejectValue(key, "it must be true or false");
  return std::nullopt;
}

std::string ModelConfig::text(llvm::StringRef key) {
  const Json *value = state->find(key);
  if (!value)
    return "";
  if (value->is_string())
    return value->get<std::string>();
  rejectValue(key, "it must be a string");
  return "";
}

std::vector<double> ModelConfig::positives(llvm::StringRef key, size_t size) {
  std::vector<double> numbers(size, 1);
  const Json *value = state->find(key);
  if (!value)
    reject(key, "is missing");
  else if (!value->is_array() || value->size() != size || !llvm::all_of(*value, isPositive))
    reject(key, "must be a list of " + llvm::Twine(size) + " numbers above 0");
  else
    numbers = value->get<std::vector<double>>();
  return numbers;
}

std::vector<int64_t> ModelConfig::tokens(llvm::StringRef key) {
  std::vector<int64_t> ids;
  const Json *value = state->find(key);
  if (!value)
    return ids;
  for (const Json &id : value->is_array() ? *value : Json::array({*value})) {
    const std::optional<int64_t> token = integerFrom(id, -1, MaxPositions);
    if (!token)
      reject(key, "has " + printed(id) + "; token ids are integers from 0 to " +
                      llvm::Twine(MaxPositions));
    else if (*token >= 0)
      ids.push_back(*token);
  }
  return ids;
}

std::vector<std::string> ModelConfig::texts(llvm::StringRef key, size_t size) {
  const Json *value = state->find(key);
  if (!value)
    return {};
  if (value->is_array() && value->size() == size &&
      llvm::all_of(*value, [](const Json &element) { return element.is_string(); }))
    return value->get<std::vector<std::string>>();
  reject(key, "must be a list of " + llvm::Twine(size) + " strings");
  return {};
}

std::optional<ModelConfig> ModelConfig::object(llvm::StringRef key) {
  const Json *value = state->find(key);
  if (!value)
    return std::nullopt;
  if (!value->is_object()) {
    rejectValue(key, "it must be an object");
    return std::nullopt;
  }
  return ModelConfig(std::make_unique<State>(
      State{*value, state->name, state->prefix + key.str() + ".", state->problems}));
}

void ModelConfig::reject(llvm::StringRef key, const llvm::Twine &problem) {
  std::string text =
      (llvm::Twine(state->name) + ": '" + state->prefix + key + "' " + problem).str();
  if (!llvm::is_contained(*state->problems, text)) // a key may be read twice
    state->problems->push_back(std::move(text));
}

void ModelConfig::rejectValue(llvm::StringRef key, const llvm::Twine &problem) {
  const Json *value = state->find(key);
  reject(key, value ? "is " + printed(*value) + "; " + problem : "is missing; " + problem);
}

void ModelConfig::expect(llvm::StringRef key, bool supported) {
  if (const Json *value = state->find(key); value && !supported)
    reject(key, "is " + printed(*value) + ", which is not supported");
}

bool ModelConfig::hasProblems() const { return !state->problems->empty(); }

llvm::Error ModelConfig::takeProblems() {
  if (state->problems->empty())
    return llvm::Error::success();
  const std::string text = llvm::join(*state->problems, "\n");
  state->problems->clear();
  return llvm::createStringError(std::errc::invalid_argument, "%s", text.c_str());
}

} // namespace optrun::decoder

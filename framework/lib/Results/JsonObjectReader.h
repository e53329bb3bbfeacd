// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading JSON that others may have changed.

#ifndef OPTRUN_LIB_RESULTS_JSONOBJECTREADER_H
#define OPTRUN_LIB_RESULTS_JSONOBJECTREADER_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace optrun {

using Json = nlohmann::ordered_json;

/// Reads members of one JSON object; the first problem is kept and names the member.
class JsonObjectReader {
public:
  JsonObjectReader(const Json &json, std::string &problem) : json(json), problem(problem) {
    if (!json.is_object())
      fail("an object is missing");
  }

  std::string text(const char *key) {
    const Json *value = find(key);
    if (value && value->is_string())
      return value->get<std::string>();
    return fail(key), std::string();
  }

  uint64_t count(const char *key, uint64_t most = std::numeric_limits<uint64_t>::max()) {
    const Json *value = find(key);
    if (value && value->is_number_unsigned() && value->get<uint64_t>() <= most)
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

  /// Whether there is a value, which null is not.
  bool has(const char *key) {
    const Json *value = find(key);
    return value && !value->is_null();
  }

  bool isNull(const char *key) {
    const Json *value = find(key);
    return value && value->is_null();
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

  JsonObjectReader object(const char *key) { return {member(key), problem}; }

private:
  const Json *find(const char *key) {
    auto found = json.find(key);
    return json.is_object() && found != json.end() ? &*found : nullptr;
  }

  std::string checked(std::string name) {
    llvm::SmallVector<llvm::StringRef> parts;
    llvm::StringRef(name).split(parts, '/');
    if (llvm::is_contained(parts, "") || llvm::is_contained(parts, ".") ||
        llvm::is_contained(parts, "..") || llvm::StringRef(name).contains('\0'))
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

} // namespace optrun

#endif // OPTRUN_LIB_RESULTS_JSONOBJECTREADER_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads {"metadata": {"total_size": …}, "weight_map": {"tensor": "file"}} event by event.

#include "ShardIndex.h"

#include "JsonEvents.h"

#include "llvm/ADT/StringSet.h"

namespace optrun::checkpoint {
namespace {

constexpr size_t MaxTensors = size_t(1) << 20;

class IndexReader final : public JsonEvents {
public:
  ShardIndex index;
  bool hasMap = false;

  bool start_object(size_t size) override {
    if (depth == 0)
      return enter();
    if (inMap() && depth > 1)
      return JsonEvents::start_object(size);
    hasMap |= inMap();
    return enter();
  }
  bool start_array(size_t size) override {
    return depth == 0 || inMap() ? JsonEvents::start_array(size) : enter();
  }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(std::string &name) override {
    if (depth == 1 && !sections.insert(name).second)
      return fail("the key " + inQuotes(name) + " is there twice");
    (depth == 1 ? section : lastKey) = name;
    if (depth == 2 && inMap() && index.fileOf.contains(name))
      return fail("tensor " + inQuotes(name) + " is there twice");
    if (index.fileOf.size() == MaxTensors)
      return fail("it lists more than the " + llvm::Twine(MaxTensors) + " tensors that are read");
    return true;
  }

  bool string(std::string &value) override {
    if (depth == 2 && inMap()) {
      index.fileOf[lastKey] = value;
      index.files.insert(std::move(value));
      return true;
    }
    return isFree() || JsonEvents::string(value);
  }
  bool number_unsigned(uint64_t value) override {
    if (depth == 2 && section == "metadata" && lastKey == "total_size")
      index.totalBytes = value;
    return isFree() || JsonEvents::number_unsigned(value);
  }
  bool null() override { return isFree() || JsonEvents::null(); }
  bool boolean(bool value) override { return isFree() || JsonEvents::boolean(value); }
  bool number_integer(int64_t value) override {
    return isFree() || JsonEvents::number_integer(value);
  }
  bool number_float(double value, const std::string &text) override {
    return isFree() || JsonEvents::number_float(value, text);
  }

private:
  std::string place() const override {
    if (depth == 0)
      return "the index must be an object";
    return inMap() && depth > 1 ? "tensor " + inQuotes(lastKey) : inQuotes(section);
  }
  bool inMap() const { return section == "weight_map"; }
  /// Anything may stand outside of the map: writers put what they like into the metadata.
  bool isFree() const { return depth != 0 && !inMap(); }
  bool enter() {
    ++depth;
    return true;
  }
  bool leave() {
    --depth;
    return true;
  }

  uint64_t depth = 0; // open brackets
  llvm::StringSet<> sections;
  std::string section, lastKey;
};

} // namespace

llvm::Expected<ShardIndex> parseShardIndex(llvm::StringRef text) {
  IndexReader reader;
  if (llvm::Error error = reader.read(text))
    return std::move(error);
  if (!reader.hasMap)
    return makeError("it has no weight_map, the list of tensors and their files");
  return std::move(reader.index);
}

} // namespace optrun::checkpoint

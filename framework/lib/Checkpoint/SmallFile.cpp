// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads and checks config.json and its like.

#include "SmallFile.h"

#include "JsonEvents.h"

#include "optrun/Storage/FileHandle.h"

#include "llvm/ADT/StringSet.h"

namespace optrun::checkpoint {
namespace {

constexpr size_t MaxDepth = 64;

class ObjectChecker final : public JsonEvents {
public:
  bool start_object(size_t /*size*/) override { return enter(); }
  bool start_array(size_t size) override {
    return levels.empty() ? JsonEvents::start_array(size) : enter();
  }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(std::string &name) override {
    return levels.back().insert(name).second ||
           fail("the key " + inQuotes(name) + " is there twice");
  }
  bool string(std::string &value) override { return !levels.empty() || JsonEvents::string(value); }
  bool null() override { return !levels.empty() || JsonEvents::null(); }
  bool boolean(bool value) override { return !levels.empty() || JsonEvents::boolean(value); }
  bool number_integer(int64_t value) override {
    return !levels.empty() || JsonEvents::number_integer(value);
  }
  bool number_unsigned(uint64_t value) override {
    return !levels.empty() || JsonEvents::number_unsigned(value);
  }
  bool number_float(double value, const std::string &text) override {
    return !levels.empty() || JsonEvents::number_float(value, text);
  }

private:
  std::string place() const override { return "it must be an object"; }
  bool enter() {
    if (levels.size() == MaxDepth)
      return fail("it is nested more than " + llvm::Twine(MaxDepth) + " levels deep");
    levels.emplace_back();
    return true;
  }
  bool leave() {
    levels.pop_back();
    return true;
  }

  std::vector<llvm::StringSet<>> levels; // the keys of each open bracket
};

} // namespace

llvm::Expected<std::string> readSmallFile(llvm::StringRef path, uint64_t maxBytes) {
  llvm::Expected<std::shared_ptr<const FileHandle>> file = FileHandle::open(path);
  if (!file)
    return file.takeError();
  uint64_t size = (*file)->size();
  if (size > maxBytes)
    return makeError(path + ": it has " + llvm::Twine(size) + " bytes, the limit is " +
                     llvm::Twine(maxBytes));
  std::string text(size, '\0');
  if (llvm::Error error = (*file)->read(
          0, llvm::MutableArrayRef(reinterpret_cast<uint8_t *>(text.data()), text.size())))
    return std::move(error);
  return text;
}

llvm::Error checkJsonObject(llvm::StringRef text) { return ObjectChecker().read(text); }

} // namespace optrun::checkpoint

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds and reads given inputs.

#include "InputFiles.h"

#include "optrun/Onnx/TensorFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>

using namespace llvm;

namespace optrun::verify {
namespace {

std::string inputPath(StringRef folder, size_t index) {
  SmallString<256> path(folder);
  sys::path::append(path, "input_" + Twine(index) + ".pb");
  return path.str().str();
}

/// The set in one folder.
Expected<InputSet> readSet(StringRef folder, ArrayRef<std::string> names) {
  InputSet set;
  set.label = sys::path::filename(folder).str();
  for (size_t i = 0; i != names.size(); ++i) {
    std::string path = inputPath(folder, i);
    if (!sys::fs::exists(path))
      return createStringError("'" + path + "' is missing: the model's input " + Twine(i) +
                               " is '" + names[i] + "'");
    Expected<ir::TensorRef> tensor = onnx::readTensorFile(path);
    if (!tensor)
      return tensor.takeError();
    set.tensors.push_back((*tensor)->renamed(names[i]));
  }
  if (std::string extra = inputPath(folder, names.size()); sys::fs::exists(extra))
    return createStringError("'" + extra + "' belongs to no input: the model has " +
                             Twine(names.size()));
  return set;
}

/// Subfolders with a set in them; a number at the end of a name counts by its value.
Expected<std::vector<std::string>> findSets(StringRef folder) {
  std::vector<std::string> found;
  std::error_code code;
  for (sys::fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code))
    if (sys::fs::exists(inputPath(entry->path(), 0)))
      found.push_back(entry->path());
  if (code)
    return createStringError("cannot list '" + folder + "': " + code.message());
  auto key = [](const std::string &path) {
    StringRef name = path;
    StringRef stem = name.rtrim("0123456789");
    uint64_t number = 0;
    name.drop_front(stem.size()).getAsInteger(10, number);
    return std::pair(stem, number);
  };
  sort(found, [&](const std::string &left, const std::string &right) {
    return std::pair(key(left), left) < std::pair(key(right), right);
  });
  return found;
}

} // namespace

Expected<std::vector<InputSet>> readInputs(StringRef folder, ArrayRef<std::string> names) {
  std::vector<std::string> folders;
  if (sys::fs::exists(inputPath(folder, 0))) {
    folders.push_back(folder.str());
  } else {
    Expected<std::vector<std::string>> sets = findSets(folder);
    if (!sets)
      return sets.takeError();
    folders = std::move(*sets);
  }
  if (folders.empty())
    return createStringError("there is no input_0.pb in '" + folder + "' or its subfolders");
  std::vector<InputSet> result;
  for (const std::string &each : folders) {
    Expected<InputSet> set = readSet(each, names);
    if (!set)
      return set.takeError();
    result.push_back(std::move(*set));
  }
  return result;
}

} // namespace optrun::verify

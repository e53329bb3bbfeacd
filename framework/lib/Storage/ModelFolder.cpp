// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Containment of the files of a model.

#include "ModelFolder.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace optrun {
namespace {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

std::string resolved(llvm::StringRef name) {
  llvm::SmallString<256> result;
  return fs::real_path(name, result) ? std::string() : std::string(result);
}

/// True when \p inner (resolved) is \p outer (resolved) or below it.
bool isInside(llvm::StringRef inner, llvm::StringRef outer) {
  if (!inner.consume_front(outer))
    return false;
  return inner.empty() || outer.ends_with("/") || inner.starts_with("/");
}

} // namespace

ModelFolder ModelFolder::ofFile(llvm::StringRef modelPath, std::string subject, std::string rule) {
  ModelFolder result;
  llvm::StringRef parent = path::parent_path(modelPath);
  result.folder = resolved(parent.empty() ? "." : parent);
  result.targetFolder = path::parent_path(resolved(modelPath)).str();
  result.subject = std::move(subject);
  result.rule = std::move(rule);
  return result;
}

llvm::Expected<std::string> ModelFolder::locate(llvm::StringRef name) const {
  auto failure = [&](const llvm::Twine &message) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), subject + message);
  };
  std::string advice = "; " + rule + ": move it there";
  if (name.empty())
    return failure(" is empty");
  if (name.contains('\0'))
    return failure(" holds a zero byte");
  if (path::is_absolute(name))
    return failure(", '" + name + "', is an absolute path" + advice);
  for (auto part = path::begin(name), last = path::end(name); part != last; ++part)
    if (*part == "..")
      return failure(", '" + name + "', leaves the folder" + advice);

  // "./name" is a plain name too.
  llvm::SmallString<128> plain(name);
  path::remove_dots(plain);
  llvm::StringRef subfolder = path::parent_path(plain);
  for (const std::string *base : {&folder, &targetFolder}) {
    llvm::SmallString<256> candidate(*base);
    path::append(candidate, plain);
    std::string target = resolved(candidate);
    if (target.empty())
      continue;
    if (!subfolder.empty() && !isInside(target, *base))
      return failure(", '" + name + "', leaves the folder through a symbolic link" + advice);
    return target;
  }
  return failure(", '" + name + "', leads to no file in the folder of the model, " + folder);
}

} // namespace optrun

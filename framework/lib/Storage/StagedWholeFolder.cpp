// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A new or empty folder: everything is built beside its place, and one rename publishes it.

#include "StagedBase.h"
#include "StagedFolders.h"
#include "Staging.h"

#include "llvm/Support/Path.h"

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace optrun::staging {
namespace {

class WholeFolder final : public StagedBase {
public:
  WholeFolder(llvm::StringRef shown, LockedFolder temporary, llvm::StringRef parent,
              llvm::StringRef relative)
      : StagedBase(shown), temporary(std::move(temporary)), parent(parent), relative(relative) {
    auto part = llvm::sys::path::begin(relative);
    top = (parent + "/" + *part).str();
    inner = relative.drop_front(part->size()).ltrim('/').str();
  }
  ~WholeFolder() override { discard(); }

  /// Makes the folders between the temporary one and the one that takes the files.
  llvm::Error makeFolders() {
    std::error_code code;
    std::filesystem::create_directories(stagingFolder(), code);
    if (code)
      return systemError(code.value(), "cannot make the folder '" + llvm::Twine(shown) + "'");
    return llvm::Error::success();
  }

  bool isWholeFolder() const override { return true; }
  std::string stagedName(llvm::StringRef name) const override { return name.str(); }
  void finalFile(llvm::StringRef) override {} // all files appear at once

private:
  llvm::Expected<std::string> addFile(llvm::StringRef name) override {
    return stagingFolder() + "/" + name.str();
  }

  std::string addScratch(llvm::StringRef name) override {
    scratchFiles.push_back(stagingFolder() + "/" + Prefix.str() + "scratch-" + name.str());
    return scratchFiles.back();
  }

  llvm::Error check() const override {
    const std::string final = finalFolder();
    struct stat status;
    if (::lstat(final.c_str(), &status) != 0)
      return errno == ENOENT ? llvm::Error::success() : renameError(errno);
    std::error_code code;
    const bool empty = S_ISDIR(status.st_mode) && std::filesystem::is_empty(final, code);
    return empty && !code ? llvm::Error::success() : renameError(EEXIST);
  }

  llvm::Error publish() override {
    llvm::Error error = moveFolder();
    if (error)
      remove();
    temporary.lock.reset();
    return error;
  }

  void remove() override {
    std::error_code ignored;
    std::filesystem::remove_all(temporary.path, ignored);
    temporary.lock.reset();
  }

  std::string stagingFolder() const {
    return inner.empty() ? temporary.path : temporary.path + "/" + inner;
  }

  std::string finalFolder() const { return parent + "/" + relative; }

  llvm::Error moveFolder() {
    for (const std::string &path : scratchFiles)
      ::unlink(path.c_str());
    // An empty folder that was there keeps its permissions.
    struct stat previous;
    if (inner.empty() && ::stat(top.c_str(), &previous) == 0)
      ::chmod(temporary.path.c_str(), previous.st_mode & 07777);
    if (::rename(temporary.path.c_str(), top.c_str()) == 0)
      return llvm::Error::success();
    bool taken = errno == ENOTEMPTY || errno == EEXIST;
    if (!taken || inner.empty())
      return renameError(errno);

    // Another run has made our outermost folder meanwhile, for a neighbour of ours perhaps.
    const std::string final = finalFolder();
    std::error_code code;
    std::filesystem::create_directories(std::filesystem::path(final).parent_path(), code);
    if (code)
      return renameError(code.value());
    if (::rename(stagingFolder().c_str(), final.c_str()) != 0)
      return renameError(errno);
    std::filesystem::remove_all(temporary.path, code);
    return llvm::Error::success();
  }

  llvm::Error renameError(int cause) const {
    if (cause == ENOTEMPTY || cause == EEXIST || cause == ENOTDIR)
      return llvm::createStringError(
          std::errc::file_exists,
          "cannot move the finished output to '%s': something was put there during the run",
          shown.c_str());
    return systemError(cause, "cannot move the finished output to '" + llvm::Twine(shown) + "'");
  }

  LockedFolder temporary;
  std::string parent, relative;
  std::string top;   // the outermost folder that is new
  std::string inner; // from there to the output folder
  std::vector<std::string> scratchFiles;
};

} // namespace

llvm::Expected<std::unique_ptr<StagedFolder>>
makeWholeFolder(llvm::StringRef shown, llvm::StringRef parent, llvm::StringRef relative) {
  llvm::Expected<LockedFolder> temporary =
      makeLockedFolder(parent, *llvm::sys::path::begin(relative));
  if (!temporary)
    return llvm::createStringError(std::make_error_code(std::errc::io_error),
                                   "cannot make the output folder '" + shown +
                                       "': " + llvm::toString(temporary.takeError()));
  auto folder = std::make_unique<WholeFolder>(shown, std::move(*temporary), parent, relative);
  if (llvm::Error error = folder->makeFolders())
    return error;
  return folder;
}

} // namespace optrun::staging

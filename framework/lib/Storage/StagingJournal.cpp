// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The journal of a commit into a folder that has other files, and undoing such a commit.

#include "Staging.h"

#include "optrun/Storage/OutputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MemoryBuffer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optrun::staging {
namespace {

constexpr llvm::StringLiteral FirstLine = "optrun-commit/1";
constexpr llvm::StringLiteral LastLine = "end";
constexpr uint64_t LargestJournal = 64 * 1024 * 1024;

bool exists(const std::string &path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0;
}

bool hasInode(const std::string &path, uint64_t inode) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0 && status.st_ino == inode;
}

/// The last file that is placed commits; where none is placed, the last one that goes. Whoever has
/// changed the last file since may have given it another inode.
bool isFinished(const FileNames &names, const Journal &journal) {
  if (journal.placed.empty())
    return llvm::none_of(journal.removed,
                         [&](const std::string &name) { return exists(names.path(name)); });
  const std::string &last = journal.placed.back().name;
  return !exists(names.path(names.staged(last))) && exists(names.path(last));
}

/// Returns what could not be put back.
std::string undo(const FileNames &names, const Journal &journal) {
  std::string problems;
  auto report = [&](llvm::StringRef name) {
    problems += (problems.empty() ? "'" : ", '") + name.str() + "'";
  };
  for (const Journal::Placed &placed : llvm::reverse(journal.placed)) {
    // The inode tells the file that the commit placed from one that somebody put there since.
    std::string path = names.path(placed.name);
    if (!exists(names.path(names.staged(placed.name))) && hasInode(path, placed.inode) &&
        ::unlink(path.c_str()) != 0)
      report(placed.name);
  }
  for (const std::string &name : llvm::reverse(journal.removed)) {
    std::string backup = names.path(names.backup(name));
    if (exists(backup) && renameNew(backup, names.path(name)) != 0 && errno != EEXIST)
      report(name);
  }
  return problems;
}

} // namespace

llvm::Error Journal::write(const FileNames &names) const {
  std::string text = FirstLine.str() + "\n";
  for (const std::string &name : removed)
    text += "removed " + name + "\n";
  for (const Placed &file : placed)
    text += "placed " + std::to_string(file.inode) + " " + file.name + "\n";
  text += LastLine.str() + "\n";
  llvm::Expected<OutputFile> file = OutputFile::create(names.path(names.journal()));
  if (!file)
    return file.takeError();
  if (llvm::Error error = file->append(llvm::StringRef(text)))
    return error;
  return file->close();
}

std::optional<Journal> Journal::read(const FileNames &names) {
  const std::string path = names.path(names.journal());
  // O_NONBLOCK: a named pipe must not make us wait for its writer.
  const ScopedDescriptor fd(
      retry([&] { return ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  struct stat status;
  // A journal makes us delete and rename files, so it must be from nobody else.
  if (!fd || !isOwn(fd.get()) || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<uint64_t>(status.st_size) > LargestJournal)
    return std::nullopt;
  auto text = llvm::MemoryBuffer::getOpenFile(fd.get(), path, static_cast<uint64_t>(status.st_size),
                                              /*RequiresNullTerminator=*/false,
                                              /*IsVolatile=*/true);
  if (!text)
    return std::nullopt;
  llvm::SmallVector<llvm::StringRef, 16> lines;
  (*text)->getBuffer().split(lines, '\n', -1, /*KeepEmpty=*/false);
  if (lines.size() < 2 || lines.front() != FirstLine || lines.back() != LastLine)
    return std::nullopt;
  Journal journal;
  for (llvm::StringRef line : llvm::ArrayRef(lines).drop_front().drop_back()) {
    Placed entry;
    if (line.consume_front("removed "))
      journal.removed.push_back(line.str());
    else if (line.consume_front("placed ") && !line.consumeInteger(10, entry.inode) &&
             line.consume_front(" "))
      journal.placed.push_back({line.str(), entry.inode});
    else
      return std::nullopt;
  }
  // A file that is no journal of ours could have the name of one; it must not lead us elsewhere.
  auto leaves = [](llvm::StringRef name) {
    return name.empty() || name.contains('/') || name == "." || name == "..";
  };
  if (llvm::any_of(journal.removed, leaves) ||
      llvm::any_of(journal.placed, [&](const Placed &placed) { return leaves(placed.name); }))
    return std::nullopt;
  return journal;
}

std::string undoAndRemove(const FileNames &names) {
  std::string problems;
  if (std::optional<Journal> journal = Journal::read(names)) {
    if (!isFinished(names, *journal))
      problems = undo(names, *journal);
  }
  // What could not be put back stays under its temporary name, with the journal, for another try.
  if (!problems.empty())
    return problems;
  // Nothing is left to undo. While the journal is there, a later run could think otherwise: when
  // the files that tell it have been changed or are gone.
  if (::unlink(names.path(names.journal()).c_str()) != 0 && errno != ENOENT)
    return problems;
  llvm::Expected<std::vector<std::string>> entries = listFolder(names.folder);
  if (!entries)
    return llvm::toString(entries.takeError());
  for (const std::string &entry : *entries) {
    llvm::StringRef rest = entry;
    if (rest.consume_front(Prefix) && rest.consume_front(names.tag) && !rest.empty() &&
        (rest[0] == '-' || rest[0] == '~'))
      ::unlink(names.path(entry).c_str());
  }
  ::unlink(names.path(names.lock()).c_str());
  return problems;
}

} // namespace optrun::staging

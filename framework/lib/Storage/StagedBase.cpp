// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What both kinds of staged output share: names are checked, and every step comes in its turn.

#include "StagedBase.h"

#include "Staging.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun::staging {

llvm::Error StagedBase::checkCanAdd(llvm::StringRef name) const {
  if (llvm::Error error = checkFileName(name))
    return error;
  if (state != State::Open)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "'%s' is prepared, committed or discarded; nothing can be added",
                                   shown.c_str());
  return llvm::Error::success();
}

llvm::Expected<std::string> StagedBase::stage(llvm::StringRef name) {
  if (llvm::Error error = checkCanAdd(name))
    return error;
  if (!names.insert(name).second)
    return llvm::createStringError(std::errc::file_exists,
                                   "this run writes '%s' to '%s' twice; give each step that writes "
                                   "a folder of its own",
                                   name.str().c_str(), shown.c_str());
  return addFile(name);
}

llvm::Expected<std::string> StagedBase::scratch(llvm::StringRef name) {
  if (llvm::Error error = checkCanAdd(name))
    return error;
  return addScratch(name);
}

llvm::Error StagedBase::prepare() {
  if (state == State::Discarded)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "'%s' cannot be committed: it was discarded", shown.c_str());
  if (state != State::Open)
    return llvm::Error::success();
  if (llvm::Error error = check()) {
    discard();
    return error;
  }
  state = State::Prepared;
  return llvm::Error::success();
}

llvm::Error StagedBase::commit() {
  if (llvm::Error error = prepare())
    return error;
  if (state == State::Committed)
    return llvm::Error::success();
  llvm::Error error = publish();
  state = error ? State::Discarded : State::Committed;
  return error;
}

void StagedBase::discard() {
  if (state != State::Open && state != State::Prepared)
    return;
  state = State::Discarded;
  remove();
}

llvm::Error checkFileName(llvm::StringRef name) {
  const char *problem = nullptr;
  if (name.empty() || name == "." || name == "..")
    problem = "is no file name";
  else if (name.contains('/'))
    problem = "must not have a folder part";
  else if (name.starts_with(Prefix))
    problem = "is reserved for temporary files";
  else if (llvm::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    problem = "has control characters";
  if (!problem)
    return llvm::Error::success();
  std::string escaped;
  llvm::raw_string_ostream os(escaped);
  llvm::printEscapedString(name, os);
  return llvm::createStringError(std::errc::invalid_argument, "the output name '%s' %s",
                                 escaped.c_str(), problem);
}

} // namespace optrun::staging

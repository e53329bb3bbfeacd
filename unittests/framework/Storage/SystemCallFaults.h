// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Lets the system calls that change the file system fail, or kill the process, at a chosen one.
///
/// The definitions in SystemCallFaults.cpp take the place of the C library's in the whole test
/// program, libOptRun included, so the code under test needs no hooks.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_STORAGE_SYSTEMCALLFAULTS_H
#define OPTRUN_UNITTESTS_FRAMEWORK_STORAGE_SYSTEMCALLFAULTS_H

#include <functional>
#include <string>
#include <vector>

namespace optrun::test {

/// What the next changing call does instead of its work; it is given the call's name and path. 0:
/// nothing, the call goes on; otherwise it fails with that errno.
using Fault = std::function<int(const char *call, const std::string &path)>;

/// Installs a fault for the time of its life.
class ScopedFault {
public:
  explicit ScopedFault(Fault fault);
  ~ScopedFault();
};

/// Calls of copy_file_range and FICLONERANGE since the program began.
extern unsigned kernelCopies, reflinkAttempts;

/// Runs \p body in a child process that is killed (SIGKILL) just before its changing call number
/// \p index, counted from 0. True when it was killed; false when body came to its end before.
bool killedBeforeCall(unsigned index, const std::function<void()> &body);

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_STORAGE_SYSTEMCALLFAULTS_H

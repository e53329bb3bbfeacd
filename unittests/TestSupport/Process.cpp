// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Programs started by a test.

#include "TestSupport/Process.h"

#include "TestSupport/TestPaths.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace optrun::test {
namespace {

std::string readAll(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<char *> pointers(const std::vector<std::string> &texts) {
  std::vector<char *> result;
  for (const std::string &text : texts)
    result.push_back(const_cast<char *>(text.c_str())); // posix_spawn does not write
  result.push_back(nullptr);
  return result;
}

} // namespace

Process::Process(const std::vector<std::string> &arguments,
                 const std::vector<std::string> &environment) {
  std::vector<std::string> variables = environment;
  for (char **variable = environ; *variable; ++variable) {
    const std::string name = std::string(*variable, std::strcspn(*variable, "=") + 1);
    const bool replaced = std::any_of(environment.begin(), environment.end(),
                                      [&](auto &each) { return each.starts_with(name); });
    if (!replaced)
      variables.emplace_back(*variable);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  const int flags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, folder.path("out").c_str(), flags,
                                   0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, folder.path("err").c_str(), flags,
                                   0600);
  const int error = posix_spawn(&child, arguments.at(0).c_str(), &actions, nullptr,
                                pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error)
    throw std::runtime_error("cannot start " + arguments[0] + ": " + std::strerror(error));
}

Process::~Process() {
  if (!ended) {
    send(SIGKILL);
    hasEnded(/*block=*/true);
  }
}

bool Process::waitForError(const std::string &text) {
  using namespace std::chrono;
  for (auto start = steady_clock::now(); steady_clock::now() - start < seconds(30);) {
    if (readAll(folder.path("err")).find(text) != std::string::npos)
      return true;
    if (hasEnded(/*block=*/false))
      return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return false;
}

void Process::send(int signal) const {
  if (!ended)
    ::kill(child, signal);
}

bool Process::hasEnded(bool block) {
  if (!ended)
    ended = ::waitpid(child, &status, block ? 0 : WNOHANG) == child;
  return ended;
}

ProcessResult Process::wait() {
  hasEnded(/*block=*/true);
  ProcessResult result;
  if (WIFEXITED(status))
    result.exitCode = WEXITSTATUS(status);
  else
    result.signal = WTERMSIG(status);
  result.out = readAll(folder.path("out"));
  result.err = readAll(folder.path("err"));
  return result;
}

ProcessResult runProcess(const std::vector<std::string> &arguments,
                         const std::vector<std::string> &environment) {
  return Process(arguments, environment).wait();
}

ProcessResult runOptRun(std::vector<std::string> arguments,
                        const std::vector<std::string> &environment) {
  arguments.insert(arguments.begin(), optRunPath());
  return runProcess(arguments, environment);
}

ProcessResult runPreparedOptRun(const std::string &preparation,
                                const std::vector<std::string> &arguments) {
  std::vector<std::string> all = {"/bin/bash", "-c", preparation + "\nexec \"$@\"", "bash",
                                  optRunPath()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return runProcess(all);
}

ProcessResult runOptRunWithin(uint64_t bytes, const std::vector<std::string> &arguments) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr bool HasLimit = false;
#else
  constexpr bool HasLimit = true;
#endif
  return HasLimit ? runPreparedOptRun("ulimit -v " + std::to_string(bytes / 1024), arguments)
                  : runOptRun(arguments);
}

} // namespace optrun::test

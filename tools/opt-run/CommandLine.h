// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The command line of opt-run.

#ifndef OPTRUN_TOOLS_OPTRUN_COMMANDLINE_H
#define OPTRUN_TOOLS_OPTRUN_COMMANDLINE_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optrun {

/// Results go to standard output, everything else to standard error.
enum ExitCode { ExitDone = 0, ExitRunFailed = 1, ExitWrongUse = 2 };

struct CommandLine {
  enum class Mode { Run, DryRun, PrintRecipe, ListPasses, Describe, PrintSchema, PrintDocs };

  Mode mode = Mode::Run;
  std::string recipe;   // of the modes that have one: the first three
  std::string describe; // of Mode::Describe
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> plugins;
  unsigned threads = 0;
  uint64_t memoryBudget = 0; // bytes
  std::string scratchFolder;
  bool timePasses = false, stats = false, verifyEach = false, quiet = false;
  std::vector<std::string> dumpAfter;
  std::string dumpFolder;
  std::string stopAfter;
  std::string logJson;
};

/// Nothing when the command line is wrong, which has been said on standard error. --help and
/// --version end the process.
std::optional<CommandLine> parseCommandLine(int argc, char **argv);

} // namespace optrun

#endif // OPTRUN_TOOLS_OPTRUN_COMMANDLINE_H

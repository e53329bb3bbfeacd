// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The driver: opt-run RECIPE, and questions about passes. docs/opt-run.md.

#include "CommandLine.h"
#include "PassDocs.h"
#include "RunRecipe.h"

#include "optrun/Execution/CrashReport.h"
#include "optrun/Plugin/PluginLoader.h"

#include "llvm/Support/raw_ostream.h"

#include <csignal>

using namespace optrun;

namespace {

/// --describe PASS.
ExitCode describe(const std::string &id, PluginLoader &loader) {
  auto entry = loader.resolve(id);
  if (!entry) {
    llvm::errs() << "opt-run: " << llvm::toString(entry.takeError()) << '\n';
    return ExitWrongUse;
  }
  if (!*entry) {
    std::string known = suggestName(id, loader.knownIds());
    llvm::errs() << "opt-run: unknown pass '" << id << "'; "
                 << (known.empty() ? "--list-passes shows the passes there are"
                                   : "did you mean '" + known + "'?")
                 << '\n';
    return ExitWrongUse;
  }
  describePass(**entry, llvm::outs());
  return ExitDone;
}

/// The modes without a recipe.
ExitCode answer(const CommandLine &commandLine, PassRegistry &registry, PluginLoader &loader) {
  using Mode = CommandLine::Mode;
  for (const std::string &path : commandLine.plugins)
    if (llvm::Error error = loader.load(path)) {
      llvm::errs() << "opt-run: " << llvm::toString(std::move(error)) << '\n';
      return ExitWrongUse;
    }
  if (commandLine.mode == Mode::Describe)
    return describe(commandLine.describe, loader);
  loader.loadAll();
  for (const std::string &problem : loader.problems())
    llvm::errs() << "opt-run: warning: " << problem << '\n';
  if (commandLine.mode == Mode::ListPasses)
    listPasses(registry, PluginLoader::builtInFolder(), llvm::outs());
  else if (commandLine.mode == Mode::PrintDocs)
    printPassReference(registry, llvm::outs());
  else
    printSchema(registry, llvm::outs());
  return ExitDone;
}

/// The folders that are searched. The reference documents what OptRun comes with, whatever else is
/// installed.
std::vector<std::string> pluginFolders(CommandLine::Mode mode) {
  std::vector<std::string> folders = {PluginLoader::builtInFolder()};
  if (mode != CommandLine::Mode::PrintDocs)
    for (std::string &folder : PluginLoader::foldersFromEnvironment())
      folders.push_back(std::move(folder));
  return folders;
}

} // namespace

int main(int argc, char **argv) {
  installCrashReport();
  // A file that reaches the user's limit (ulimit -f) is an error of the write, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  auto commandLine = parseCommandLine(argc, argv);
  if (!commandLine)
    return ExitWrongUse;
  PassRegistry registry;
  PluginLoader loader(registry, pluginFolders(commandLine->mode));
  ExitCode code = commandLine->recipe.empty() ? answer(*commandLine, registry, loader)
                                              : runRecipe(*commandLine, loader);
  // A stream with an error that nobody looked at would end the process in its destructor.
  llvm::outs().flush();
  if (llvm::outs().has_error()) {
    llvm::errs() << "opt-run: cannot write to standard output: " << llvm::outs().error().message()
                 << '\n';
    llvm::outs().clear_error();
    if (code == ExitDone)
      code = ExitRunFailed;
  }
  llvm::errs().clear_error(); // remarks that nobody could read; the result is not in them
  return code;
}

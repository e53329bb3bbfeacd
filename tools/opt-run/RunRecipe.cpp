// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reads, checks and runs a recipe.

#include "RunRecipe.h"

#include "Summary.h"

#include "optrun/Execution/Console.h"
#include "optrun/Execution/JsonLog.h"
#include "optrun/Pass/PassManager.h"
#include "optrun/Recipe/Recipe.h"

#include "llvm/Support/FileSystem.h"

using namespace optrun;

namespace {

/// Set by signal handlers that stay to the end of the process.
constinit Interruption interruption;

/// One run of the program.
class RecipeRun {
public:
  RecipeRun(const CommandLine &commandLine, PluginLoader &loader)
      : commandLine(commandLine), loader(loader),
        console(llvm::errs(), Console::forStandardError(commandLine.quiet)),
        diagnostics(&console.stream()) {}

  ExitCode all() {
    if (!commandLine.logJson.empty()) {
      auto opened = JsonLog::open(commandLine.logJson);
      if (!opened) {
        diagnostics.error(opened.takeError());
        return ExitWrongUse;
      }
      log = std::move(*opened);
    }
    const ExitCode code = planAndRun();
    if (code == ExitWrongUse && log)
      for (const Diagnostic &diagnostic : diagnostics.all())
        log->message(diagnostic.severity, "", diagnostics.format(diagnostic));
    if (log)
      if (llvm::Error error = log->close())
        diagnostics.warning(commandLine.logJson + ": " + llvm::toString(std::move(error)));
    return code;
  }

private:
  ExitCode planAndRun() {
    // Everything is reported at once, so an error does not end this.
    for (const std::string &path : commandLine.plugins)
      if (llvm::Error error = loader.load(path))
        diagnostics.error("--load-plugin: " + llvm::toString(std::move(error)));
    llvm::SmallString<128> path(commandLine.recipe), folder;
    if (commandLine.mode == CommandLine::Mode::PrintRecipe) {
      // What is printed may be saved anywhere, so its paths must not depend on where that is.
      std::error_code code = llvm::sys::fs::current_path(folder);
      if (!code)
        code = llvm::sys::fs::make_absolute(path);
      if (code) {
        diagnostics.error("cannot tell the current folder: " + code.message());
        return ExitWrongUse;
      }
    }
    auto recipe = readRecipe(path, commandLine.set, folder, diagnostics);
    if (!recipe)
      return ExitWrongUse;
    for (const RecipePlugin &plugin : recipe->plugins)
      if (llvm::Error error = loader.load(plugin.path))
        diagnostics.error(plugin.range.Start, llvm::toString(std::move(error)));
    if (commandLine.mode == CommandLine::Mode::PrintRecipe)
      return print(*recipe);

    PipelineRequest request{recipe->name, recipe->path, {}};
    for (RecipePass &pass : recipe->passes)
      request.passes.push_back({pass.id, pass.name, pass.idRange.Start, std::move(pass.options)});
    auto pipeline = planPipeline(request, loader, diagnostics);
    PassManager manager(settings(), diagnostics);
    if (pipeline)
      if (llvm::Error error = manager.checkSettings(*pipeline))
        diagnostics.error(std::move(error));
    if (!pipeline || diagnostics.errorCount())
      return ExitWrongUse;
    if (commandLine.mode == CommandLine::Mode::DryRun) {
      printPlan(*pipeline, llvm::outs());
      return ExitDone;
    }
    return run(manager, *pipeline);
  }

  /// With all options, and paths that mean the same from anywhere.
  ExitCode print(Recipe &recipe) {
    for (RecipePass &pass : recipe.passes) {
      auto entry = loader.resolve(pass.id);
      if (!entry)
        diagnostics.error(pass.idRange.Start, llvm::toString(entry.takeError()));
      else if (!*entry)
        diagnostics.error(pass.idRange.Start, "unknown pass '" + pass.id + "'");
      else if (auto options = (*entry)->options.resolve(pass.options, diagnostics))
        pass.options = std::move(*options);
    }
    if (diagnostics.errorCount())
      return ExitWrongUse;
    printRecipe(recipe, llvm::outs());
    return ExitDone;
  }

  ExitCode run(PassManager &manager, Pipeline &pipeline) {
    // Never freed: node by node that takes as long as reading did, and the process ends here.
    static RunResult &result = *new RunResult;
    // Nor this: once the output has appeared, a late signal must not make the exit code deny it.
    static const InterruptOnSignals &signals = *new InterruptOnSignals(interruption);
    (void)signals;
    manager.addObserver(console);
    if (log)
      manager.addObserver(*log);
    llvm::Error error = manager.run(pipeline, result);
    if (commandLine.timePasses)
      printTimes(result, console.stream());
    if (commandLine.stats)
      printStatistics(result, console.stream());
    if (error) {
      report(std::move(error));
      return ExitRunFailed;
    }
    for (const Table &table : result.tables) {
      table.print(llvm::outs());
      llvm::outs() << '\n';
    }
    printSummary(result.package, llvm::outs());
    return ExitDone;
  }

  void report(llvm::Error error) {
    diagnostics.error(llvm::handleErrors(std::move(error), [&](const InterruptedError &) {
      console.stream() << "opt-run: interrupted; nothing was written\n";
    }));
  }

  RunSettings settings() const {
    return {.threads = commandLine.threads,
            .memoryBudget = commandLine.memoryBudget,
            .scratchFolder = commandLine.scratchFolder,
            .verifyEach = commandLine.verifyEach,
            .dumpAfter = commandLine.dumpAfter,
            .dumpFolder = commandLine.dumpFolder,
            .stopAfter = commandLine.stopAfter,
            .interruption = &interruption};
  }

  const CommandLine &commandLine;
  PluginLoader &loader;
  Console console;
  Diagnostics diagnostics;
  std::unique_ptr<JsonLog> log;
};

} // namespace

ExitCode optrun::runRecipe(const CommandLine &commandLine, PluginLoader &loader) {
  return RecipeRun(commandLine, loader).all();
}

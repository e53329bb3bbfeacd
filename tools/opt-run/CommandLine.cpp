// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The command line of opt-run, on LLVM's parser.

#include "CommandLine.h"

#include "optrun/Plugin/PluginAbi.h"
#include "optrun/Support/ByteSize.h"
#include "optrun/Support/Version.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

using namespace optrun;
namespace cl = llvm::cl;

namespace {

cl::OptionCategory category("Options");

cl::opt<std::string> recipe(cl::Positional, cl::desc("RECIPE"), cl::cat(category));
cl::list<std::string> set("set", cl::value_desc("NAME=VALUE"),
                          cl::desc("Set a parameter of the recipe"), cl::cat(category));
cl::opt<unsigned> threads("threads", cl::value_desc("N"),
                          cl::desc("Threads (default: one for each processor)"), cl::init(0),
                          cl::cat(category));
cl::opt<std::string>
    memoryBudget("memory-budget", cl::value_desc("SIZE"),
                 cl::desc("Bytes of weights that passes hold in memory (default: 1GiB)"),
                 cl::init("1GiB"), cl::cat(category));
cl::opt<std::string> scratch("scratch", cl::value_desc("FOLDER"),
                             cl::desc("Disk space for intermediate results (default: TMPDIR, else "
                                      "/var/tmp)"),
                             cl::cat(category));
cl::opt<bool> dryRun("dry-run", cl::desc("Check everything, show the plan, run nothing"),
                     cl::cat(category));
cl::opt<bool> timePasses("time-passes", cl::desc("Show time and memory of each pass"),
                         cl::cat(category));
cl::opt<bool> verifyEach("verify-each", cl::desc("Check the model after every pass"),
                         cl::cat(category));
cl::list<std::string> dumpAfter("dump-after", cl::value_desc("PASS"),
                                cl::desc("Print the model after this pass ('*': after each)"),
                                cl::cat(category));
cl::opt<std::string> dumpFolder("dump-dir", cl::value_desc("FOLDER"),
                                cl::desc("Dumps go to files in here, not to standard error"),
                                cl::cat(category));
cl::opt<std::string> stopAfter("stop-after", cl::value_desc("PASS"),
                               cl::desc("Run the passes up to this one"), cl::cat(category));
cl::opt<std::string> logJson("log-json", cl::value_desc("FILE"),
                             cl::desc("Record the run as JSON lines"), cl::cat(category));
cl::opt<bool> quiet("quiet", cl::desc("Neither progress nor remarks"), cl::cat(category));
cl::list<std::string> loadPlugin("load-plugin", cl::value_desc("FILE"),
                                 cl::desc("Load passes from this library"), cl::cat(category));
cl::opt<bool> listPasses("list-passes", cl::desc("List the passes there are"), cl::cat(category));
cl::opt<std::string> describe("describe", cl::value_desc("PASS"),
                              cl::desc("Describe a pass and its options"), cl::cat(category));
cl::opt<bool> printRecipe("print-recipe", cl::desc("Print the recipe as it would run"),
                          cl::cat(category));
cl::opt<bool> printSchema("print-schema", cl::desc("Print the JSON Schema of recipes"),
                          cl::cat(category));
cl::opt<bool> printDocs("print-docs",
                        cl::desc("Print the reference of the passes that come with "
                                 "OptRun, as Markdown"),
                        cl::cat(category));

constexpr char Overview[] =
    "Runs the passes that a recipe lists over a language model.\n\n"
    "  opt-run recipe.yaml --set model=model.onnx --set output=out\n\n"
    "Exit status: 0 done; 1 the run failed; 2 wrong use or wrong recipe.\n"
    "Plugins are also looked for in the folders that OPT_RUN_PLUGIN_PATH lists.\n";

void printVersion(llvm::raw_ostream &os) {
  os << "opt-run " << versionString() << " (plugin ABI " << OPTRUN_ABI_MAJOR << '.'
     << OPTRUN_ABI_MINOR << ", LLVM " << LLVM_VERSION_STRING << ")\n";
}

/// Leaves of LLVM's own options --help and --version.
void tameLlvmOptions() {
  cl::HideUnrelatedOptions(category);
  auto &options = cl::getRegisteredOptions();
  // Variants of --help that say nothing more here; --stats of LLVM's own counters, which its
  // released libraries are built without.
  for (llvm::StringRef name : {"help-list", "help-hidden", "help-list-hidden", "stats"})
    if (cl::Option *option = options.lookup(name))
      option->removeArgument();
  options["help"]->setDescription("Show this text");
  options["version"]->setDescription("Show the version");
}

std::nullopt_t wrong(const llvm::Twine &message) {
  llvm::errs() << "opt-run: " << message << "; see opt-run --help\n";
  return std::nullopt;
}

/// The mode, when at most one was asked for.
std::optional<CommandLine::Mode> chooseMode() {
  using Mode = CommandLine::Mode;
  const struct {
    const cl::Option &option;
    Mode mode;
  } choices[] = {{dryRun, Mode::DryRun},           {printRecipe, Mode::PrintRecipe},
                 {listPasses, Mode::ListPasses},   {describe, Mode::Describe},
                 {printSchema, Mode::PrintSchema}, {printDocs, Mode::PrintDocs}};
  const cl::Option *chosen = nullptr;
  Mode mode = Mode::Run;
  for (const auto &choice : choices) {
    if (choice.option.getNumOccurrences() == 0)
      continue;
    if (chosen)
      return wrong("--" + chosen->ArgStr + " and --" + choice.option.ArgStr +
                   " exclude each other");
    chosen = &choice.option;
    mode = choice.mode;
  }
  const bool needsRecipe = mode == Mode::Run || mode == Mode::DryRun || mode == Mode::PrintRecipe;
  if (needsRecipe && recipe.empty())
    return wrong("a recipe is missing");
  if (!needsRecipe && !recipe.empty())
    return wrong("--" + chosen->ArgStr + " takes no recipe");
  return mode;
}

} // namespace

std::optional<CommandLine> optrun::parseCommandLine(int argc, char **argv) {
  tameLlvmOptions();
  cl::opt<bool> stats("stats", cl::desc("Show what passes counted"), cl::cat(category));
  cl::SetVersionPrinter(printVersion);
  if (!cl::ParseCommandLineOptions(argc, argv, Overview, &llvm::errs()))
    return std::nullopt;

  auto mode = chooseMode();
  if (!mode)
    return std::nullopt;
  CommandLine result{.mode = *mode,
                     .recipe = recipe,
                     .describe = describe,
                     .plugins = loadPlugin,
                     .threads = threads,
                     .scratchFolder = scratch,
                     .timePasses = timePasses,
                     .stats = stats,
                     .verifyEach = verifyEach,
                     .quiet = quiet,
                     .dumpAfter = dumpAfter,
                     .dumpFolder = dumpFolder,
                     .stopAfter = stopAfter,
                     .logJson = logJson};
  for (const std::string &pair : set) {
    auto [name, value] = llvm::StringRef(pair).split('=');
    if (name.empty() || name.size() == pair.size())
      return wrong("--set '" + pair + "': expected NAME=VALUE");
    result.set.emplace_back(name.str(), value.str());
  }
  for (const auto *option : {&scratch, &dumpFolder, &stopAfter, &logJson})
    if (option->getNumOccurrences() && option->empty())
      return wrong("--" + option->ArgStr + ": a name is missing");
  if (llvm::is_contained(dumpAfter, ""))
    return wrong("--dump-after: a name is missing");
  auto budget = parseByteSize(memoryBudget);
  if (!budget)
    return wrong("--memory-budget: " + llvm::toString(budget.takeError()));
  if (budget->bytes == 0)
    return wrong("--memory-budget: must be more than 0");
  result.memoryBudget = budget->bytes;
  // More than any machine has, and less than what makes thread creation fail.
  constexpr unsigned MaxThreads = 1024;
  if (threads > MaxThreads)
    return wrong("--threads: at most " + llvm::Twine(MaxThreads));
  return result;
}

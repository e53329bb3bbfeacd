// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Says something with a model: the shortest way from an exported folder to text.
/// docs/generating.md.

#include "ByteLevelBpe.h"
#include "Generator.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

#include <thread>

using namespace optrun;
using namespace optrun::generate;
namespace cl = llvm::cl;

namespace {

cl::OptionCategory category("Options");
cl::opt<std::string> model(cl::Positional, cl::Required, cl::desc("MODEL"), cl::cat(category));
cl::opt<std::string> vocabulary("vocabulary", cl::Required, cl::value_desc("FILE"),
                                cl::desc("The GGUF file whose vocabulary the model has"),
                                cl::cat(category));
cl::opt<std::string> prompt("prompt", cl::Required, cl::value_desc("TEXT"),
                            cl::desc("What the model goes on from"), cl::cat(category));
cl::opt<unsigned> tokens("tokens", cl::value_desc("N"), cl::init(32),
                         cl::desc("Tokens to generate at most (default: 32)"), cl::cat(category));
cl::opt<unsigned> threads("threads", cl::value_desc("N"), cl::init(0),
                          cl::desc("Threads (default: one for each processor)"), cl::cat(category));

llvm::Expected<ByteLevelBpe> openVocabulary() {
  llvm::Expected<checkpoint::GgufFile> file = checkpoint::GgufFile::open(vocabulary);
  if (!file)
    return file.takeError();
  return ByteLevelBpe::read(*file);
}

llvm::Expected<Generator> openModel() {
  llvm::Expected<ModelFiles> files = findModelFiles(model);
  if (!files)
    return files.takeError();
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  return Generator::open(*files, {.optimize = true, .threads = threads ? threads : processors});
}

llvm::Error goOn() {
  llvm::Expected<ByteLevelBpe> bpe = openVocabulary();
  if (!bpe)
    return bpe.takeError();
  llvm::Expected<std::vector<int64_t>> given = bpe->encode(prompt);
  if (!given)
    return given.takeError();
  llvm::Expected<Generator> generator = openModel();
  if (!generator)
    return generator.takeError();
  llvm::outs() << prompt;
  for (unsigned i = 0; i != tokens; ++i) {
    llvm::Expected<int64_t> next = generator->next(*given);
    if (!next)
      return next.takeError();
    if (bpe->isEnd(*next))
      break;
    llvm::Expected<std::string> text = bpe->decode(*next);
    if (!text)
      return text.takeError();
    llvm::outs() << *text;
    llvm::outs().flush();
    *given = {*next};
  }
  llvm::outs() << '\n';
  llvm::outs().flush();
  if (!llvm::outs().has_error())
    return llvm::Error::success();
  const std::string cause = llvm::outs().error().message();
  llvm::outs().clear_error(); // looked at: the stream's destructor would end the process
  return llvm::createStringError("cannot write to standard output: " + cause);
}

} // namespace

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(argc, argv,
                                   "Goes on from a prompt with an ONNX decoder, or the components "
                                   "that export wrote, always with the most probable token.\n",
                                   &llvm::errs()))
    return 2;
  if (llvm::Error error = goOn()) {
    llvm::errs() << "opt-generate: " << llvm::toString(std::move(error)) << '\n';
    return 1;
  }
  return 0;
}

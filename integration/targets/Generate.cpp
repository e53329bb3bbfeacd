// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Generates text with ONNX Runtime GenAI, greedily:
///
///     genai-generate LIBRARY FOLDER LENGTH TOKEN...
///     genai-generate LIBRARY FOLDER LENGTH --prompt TEXT
///
/// prints all tokens, those of the prompt included, up to LENGTH, and with --prompt the text, too.
/// GenAI finds ONNX Runtime by the environment variable ORT_LIB_PATH.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <vector>

namespace {

// GenAI's C API, as far as it is needed. No headers come with its wheel.
struct Result;
struct Model;
struct Params;
struct Generator;
struct Tokenizer;
struct Sequences;

struct GenAi {
  const char *(*errorOf)(const Result *);
  Result *(*createModel)(const char *folder, Model **);
  Result *(*createParams)(const Model *, Params **);
  Result *(*setNumber)(Params *, const char *name, double value);
  Result *(*setFlag)(Params *, const char *name, bool value);
  Result *(*createGenerator)(const Model *, const Params *, Generator **);
  Result *(*appendTokens)(Generator *, const int32_t *tokens, size_t count);
  bool (*isDone)(Generator *);
  Result *(*generateToken)(Generator *);
  size_t (*tokenCount)(const Generator *, size_t index);
  const int32_t *(*tokens)(const Generator *, size_t index);
  Result *(*createTokenizer)(const Model *, Tokenizer **);
  Result *(*createSequences)(Sequences **);
  Result *(*encode)(const Tokenizer *, const char *text, Sequences *);
  size_t (*sequenceLength)(const Sequences *, size_t index);
  const int32_t *(*sequence)(const Sequences *, size_t index);
  Result *(*decode)(const Tokenizer *, const int32_t *tokens, size_t count, const char **text);
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "genai-generate: %s\n", message.c_str());
  std::exit(1);
}

template <typename Function> void find(void *library, const char *name, Function &function) {
  void *symbol = dlsym(library, name);
  if (!symbol)
    fail(std::string("GenAI has no ") + name);
  std::memcpy(&function, &symbol, sizeof function);
}

GenAi load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    fail(dlerror());
  GenAi api;
  find(library, "OgaResultGetError", api.errorOf);
  find(library, "OgaCreateModel", api.createModel);
  find(library, "OgaCreateGeneratorParams", api.createParams);
  find(library, "OgaGeneratorParamsSetSearchNumber", api.setNumber);
  find(library, "OgaGeneratorParamsSetSearchBool", api.setFlag);
  find(library, "OgaCreateGenerator", api.createGenerator);
  find(library, "OgaGenerator_AppendTokens", api.appendTokens);
  find(library, "OgaGenerator_IsDone", api.isDone);
  find(library, "OgaGenerator_GenerateNextToken", api.generateToken);
  find(library, "OgaGenerator_GetSequenceCount", api.tokenCount);
  find(library, "OgaGenerator_GetSequenceData", api.tokens);
  find(library, "OgaCreateTokenizer", api.createTokenizer);
  find(library, "OgaCreateSequences", api.createSequences);
  find(library, "OgaTokenizerEncode", api.encode);
  find(library, "OgaSequencesGetSequenceCount", api.sequenceLength);
  find(library, "OgaSequencesGetSequenceData", api.sequence);
  find(library, "OgaTokenizerDecode", api.decode);
  return api;
}

class Program {
public:
  Program(const char *library, const char *folder) : api(load(library)) {
    check(api.createModel(folder, &model));
  }

  std::vector<int32_t> encode(const char *text) {
    Sequences *sequences = nullptr;
    check(api.createTokenizer(model, &tokenizer));
    check(api.createSequences(&sequences));
    check(api.encode(tokenizer, text, sequences));
    const int32_t *first = api.sequence(sequences, 0);
    return {first, first + api.sequenceLength(sequences, 0)};
  }

  std::string decode(const std::vector<int32_t> &tokens) {
    const char *text = nullptr;
    check(api.decode(tokenizer, tokens.data(), tokens.size(), &text));
    return text;
  }

  std::vector<int32_t> generate(const std::vector<int32_t> &prompt, double length) {
    Params *params = nullptr;
    Generator *generator = nullptr;
    check(api.createParams(model, &params));
    check(api.setNumber(params, "max_length", length));
    check(api.setFlag(params, "do_sample", false));
    check(api.createGenerator(model, params, &generator));
    check(api.appendTokens(generator, prompt.data(), prompt.size()));
    while (!api.isDone(generator))
      check(api.generateToken(generator));
    const int32_t *first = api.tokens(generator, 0);
    return {first, first + api.tokenCount(generator, 0)};
  }

private:
  void check(Result *result) const {
    if (result)
      fail(api.errorOf(result));
  }

  GenAi api;
  Model *model = nullptr;
  Tokenizer *tokenizer = nullptr;
};

} // namespace

int main(int argc, char **argv) {
  if (argc < 5)
    fail("usage: genai-generate LIBRARY FOLDER LENGTH (TOKEN... | --prompt TEXT)");
  Program program(argv[1], argv[2]);
  const double length = std::atof(argv[3]);
  const bool isText = argc == 6 && std::strcmp(argv[4], "--prompt") == 0;
  std::vector<int32_t> prompt;
  if (isText)
    prompt = program.encode(argv[5]);
  else
    for (int i = 4; i != argc; ++i)
      prompt.push_back(std::atoi(argv[i]));
  const std::vector<int32_t> tokens = program.generate(prompt, length);
  for (int32_t token : tokens)
    std::printf("%d ", token);
  std::printf("\n");
  if (isText)
    std::printf("%s\n", program.decode(tokens).c_str());
  std::fflush(stdout);
  std::_Exit(0); // nothing is torn down: the process ends
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which tokens begin and end texts, and how tokens are to be chosen.

#include "GenerationConfig.h"

namespace optrun {
namespace {

using decoder::ModelConfig;

/// What \p file does not mention stays.
void readTokens(ModelConfig &file, LanguageModel &model) {
  if (const std::vector<int64_t> tokens = file.tokens("bos_token_id"); !tokens.empty())
    model.bosToken = tokens.front();
  if (const std::vector<int64_t> tokens = file.tokens("pad_token_id"); !tokens.empty())
    model.padToken = tokens.front();
  if (std::vector<int64_t> tokens = file.tokens("eos_token_id"); !tokens.empty())
    model.eosTokens = std::move(tokens);
}

void readSampling(ModelConfig &file, LanguageModel::Sampling &sampling) {
  sampling.isRandom = file.optionalFlag("do_sample");
  sampling.temperature = file.optionalNumber("temperature");
  sampling.topK = file.optionalCount("top_k");
  sampling.topP = file.optionalNumber("top_p");
  sampling.repetitionPenalty = file.optionalNumber("repetition_penalty");
}

} // namespace

llvm::Error readGeneration(ModelConfig &config, llvm::StringRef generationConfigJson,
                           LanguageModel &model) {
  readTokens(config, model);
  if (llvm::Error error = config.takeProblems())
    return error;
  if (generationConfigJson.empty())
    return llvm::Error::success();
  llvm::Expected<ModelConfig> generation =
      ModelConfig::parse(generationConfigJson, "generation_config.json");
  if (!generation)
    return generation.takeError();
  readTokens(*generation, model);
  readSampling(*generation, model.sampling);
  return generation->takeProblems();
}

} // namespace optrun

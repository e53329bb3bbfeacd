// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The table of families.

#include "families/Families.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun::decoder {
namespace {

struct Family {
  llvm::StringLiteral modelType;
  DecoderDescription (*describe)(ModelConfig &);
};

constexpr Family Families[] = {
    {"gemma2", describeGemma2},   {"gpt2", describeGpt2},   {"llama", describeLlama},
    {"mistral", describeMistral}, {"opt", describeOpt},     {"phi3", describePhi3},
    {"qwen2", describeQwen2},     {"qwen3", describeQwen3},
};

std::string supportedTypes() {
  return llvm::join(
      llvm::map_range(Families, [](const Family &family) { return family.modelType.str(); }), ", ");
}

} // namespace

llvm::Expected<DecoderDescription> describeModel(ModelConfig &config) {
  const std::string type = config.text("model_type");
  const Family *family =
      llvm::find_if(Families, [&](const Family &candidate) { return candidate.modelType == type; });
  if (family == std::end(Families)) {
    config.rejectValue("model_type", "supported are " + supportedTypes());
    return config.takeProblems();
  }
  config.expect("quantization_config", false);
  config.expect("is_causal", config.flag("is_causal", true));
  DecoderDescription model = family->describe(config);
  if (llvm::Error error = config.takeProblems())
    return error;
  return model;
}

} // namespace optrun::decoder

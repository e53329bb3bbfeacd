// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a runtime needs to know of a decoder that was captured from a checkpoint, beyond its graph.

#ifndef OPTRUN_RESULTS_LANGUAGEMODEL_H
#define OPTRUN_RESULTS_LANGUAGEMODEL_H

#include "optrun/Checkpoint/Gguf.h"
#include "optrun/IR/Package.h"

#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace optrun {

/// Written by capture for checkpoints.
class LanguageModel final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.LanguageModel/1";
  LanguageModel();
  LanguageModel(LanguageModel &&) noexcept;
  LanguageModel &operator=(LanguageModel &&) noexcept;
  ~LanguageModel() override;
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  // As the graph was built, defaults of the family included.
  std::string modelType; // "llama"
  int64_t vocabularySize = 0;
  int64_t contextLength = 0; // positions
  int64_t layerCount = 0;
  int64_t hiddenSize = 0;
  int64_t attentionHeads = 0, keyValueHeads = 0, headSize = 0;
  // From config.json and generation_config.json.
  std::optional<int64_t> bosToken, padToken;
  std::vector<int64_t> eosTokens; // the first is the main one
  /// How tokens are to be chosen; what is not given is the runtime's affair.
  struct Sampling {
    std::optional<bool> isRandom; // "do_sample"; else the likeliest token
    std::optional<double> temperature, topP, repetitionPenalty;
    std::optional<int64_t> topK;
  };
  Sampling sampling;
  /// The files themselves. For GGUF, what they would say; empty where there is none.
  std::string configJson, generationConfigJson;

  /// What the graph calls its inputs and outputs; "%d" stands for the number of a layer. A graph
  /// need not have all of them.
  struct ValueNames {
    std::string inputIds = "input_ids";
    std::string attentionMask = "attention_mask";
    std::string positionIds = "position_ids";
    std::string pastKey = "past_key_values.%d.key", pastValue = "past_key_values.%d.value";
    std::string logits = "logits";
    std::string presentKey = "present.%d.key", presentValue = "present.%d.value";
  };
  ValueNames names;
  /// \p pattern for one layer: "present.3.key".
  static std::string nameOf(llvm::StringRef pattern, int64_t layer);

  /// tokenizer.json and its like, where they can be opened.
  std::vector<std::string> tokenizerFiles;
  /// The file that a GGUF checkpoint was read from, whose metadata holds the tokenizer; else null.
  std::shared_ptr<const checkpoint::GgufFile> gguf;

  /// The tensors of the checkpoint: its own names, its own order, types as stored.
  std::vector<ir::TensorRef> tensors;

  /// Takes note of the constants of \p component, just made from these tensors.
  void rememberWeights(const ir::Component &component);
  /// An error that names the tensor when \p package does not hold exactly the constants that were
  /// remembered, however it is split: then `tensors` are not its weights any more. Constants of
  /// less than 1 KiB may come and go: passes fold shapes, and add axes.
  llvm::Error checkWeightsUnchanged(const ir::Package &package) const;

private:
  std::vector<ir::TensorRef> graphWeights; // as remembered, each payload once
};

} // namespace optrun

#endif // OPTRUN_RESULTS_LANGUAGEMODEL_H

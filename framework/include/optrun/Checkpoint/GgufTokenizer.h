// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tokenizer in the metadata of a GGUF file, as Hugging Face's libraries have it.

#ifndef OPTRUN_CHECKPOINT_GGUFTOKENIZER_H
#define OPTRUN_CHECKPOINT_GGUFTOKENIZER_H

#include "optrun/Checkpoint/Gguf.h"

namespace optrun::checkpoint {

struct TokenizerTexts {
  std::string tokenizerJson; ///< of tokenizer.json
  std::string configJson;    ///< of tokenizer_config.json
};

/// Converts byte-level BPE: those of GPT-2, SmolLM, Llama 3 and Qwen 2 and 3. An error says what
/// the file has instead.
llvm::Expected<TokenizerTexts> convertGgufTokenizer(const GgufFile &file);

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_GGUFTOKENIZER_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// config.json from arbitrary bytes: no crash, and what is accepted describes a decoder whose
/// numbers fit together.

#include "families/Families.h"

#include <cstdlib>

using namespace optrun::decoder;

namespace {

void require(bool condition) {
  if (!condition)
    std::abort();
}

bool isExtent(int64_t value) { return value >= 1 && value <= 4 * ModelConfig::MaxExtent; }

void checkDescription(const DecoderDescription &model) {
  const AttentionDescription &attention = model.attention;
  for (int64_t extent : {model.hiddenSize, model.layerCount, model.embedding.width, attention.heads,
                         attention.keyValueHeads, attention.headSize, model.feedForward.width})
    require(isExtent(extent));
  require(attention.heads % attention.keyValueHeads == 0);
  require(static_cast<int64_t>(model.windows.size()) == model.layerCount);
  require(model.rotary.has_value() != model.embedding.positions.has_value());
  if (!model.rotary)
    return;
  require(2 * static_cast<int64_t>(model.rotary->frequencies.size()) == attention.headSize);
  const size_t longFrequencies = model.rotary->longFrequencies.size();
  require(longFrequencies == 0 || longFrequencies == model.rotary->frequencies.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::Expected<ModelConfig> config =
      ModelConfig::parse({reinterpret_cast<const char *>(data), size});
  if (!config) {
    llvm::consumeError(config.takeError());
    return 0;
  }
  if (llvm::Expected<DecoderDescription> model = describeModel(*config))
    checkDescription(*model);
  else
    llvm::consumeError(model.takeError());
  return 0;
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The families of decoders that can be captured from their weights. A new one is a file with one
/// function, a line here and a line in Families.cpp.

#ifndef OPTRUN_PASSES_CAPTURE_FAMILIES_FAMILIES_H
#define OPTRUN_PASSES_CAPTURE_FAMILIES_FAMILIES_H

#include "decoder/DecoderDescription.h"
#include "decoder/ModelConfig.h"

namespace optrun::decoder {

/// What config.json describes, by its model_type. An error with all that is wrong in it; for an
/// unknown model_type, with those that are supported.
llvm::Expected<DecoderDescription> describeModel(ModelConfig &config);

// One for each model_type. Problems are left in the configuration.
DecoderDescription describeGemma2(ModelConfig &config);
DecoderDescription describeGpt2(ModelConfig &config);
DecoderDescription describeLlama(ModelConfig &config);
DecoderDescription describeMistral(ModelConfig &config);
DecoderDescription describeOpt(ModelConfig &config);
DecoderDescription describePhi3(ModelConfig &config);
DecoderDescription describeQwen2(ModelConfig &config);
DecoderDescription describeQwen3(ModelConfig &config);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_FAMILIES_FAMILIES_H

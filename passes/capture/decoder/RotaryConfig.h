// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The frequencies of rotary positions, from what config.json says of them.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_ROTARYCONFIG_H
#define OPTRUN_PASSES_CAPTURE_DECODER_ROTARYCONFIG_H

#include "decoder/DecoderDescription.h"
#include "decoder/ModelConfig.h"

namespace optrun::decoder {

/// Reads rope_theta and rope_scaling, or rope_parameters, the newer spelling of both. Knows the
/// types default, linear, llama3 and longrope (once called su, and yarn).
RotaryDescription readRotary(ModelConfig &config, int64_t headSize);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_ROTARYCONFIG_H

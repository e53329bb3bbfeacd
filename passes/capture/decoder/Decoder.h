// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From a description and the tensors of a checkpoint to an ONNX graph.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_DECODER_H
#define OPTRUN_PASSES_CAPTURE_DECODER_DECODER_H

#include "decoder/DecoderDescription.h"
#include "decoder/DecoderOptions.h"
#include "decoder/Weights.h"

#include "optrun/IR/Package.h"

namespace optrun::decoder {

/// Inputs: input_ids [batch, sequence], attention_mask [batch, past + sequence], position_ids
/// [batch, sequence], past_key_values.N.key and .value [batch, key-value heads, past, head size].
/// Outputs: logits [batch, sequence, vocabulary], present.N.key and .value. Without a cache there
/// are no past and present. The past may be empty.
///
/// \p tensors are those of the checkpoint, with its names; initializers keep them and refer to the
/// same bytes, unless the options ask for another type: such weights are converted when they are
/// read. Matrices that are quantized stay so where the options keep them and MatMulNBits can hold
/// them exactly. An error lists what is missing, misshapen or not part of the model.
llvm::Expected<std::unique_ptr<ir::Component>> buildDecoder(const DecoderDescription &description,
                                                            const CheckpointTensors &tensors,
                                                            const DecoderOptions &options);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_DECODER_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of capture.

#ifndef OPTRUN_PASSES_CAPTURE_OPTIONS_H
#define OPTRUN_PASSES_CAPTURE_OPTIONS_H

#include "decoder/DecoderOptions.h"

#include "optrun/Options/Options.h"

namespace optrun {

struct CaptureOptions {
  enum class Format { Auto, Onnx, HuggingFace, Gguf };
  using Precision = decoder::DecoderOptions::Precision;

  FilePath model;
  Format format = Format::Auto;
  Precision precision = Precision::Keep;
  int64_t opset = 21;
  bool kvCache = true;
  std::optional<ByteSize> maxFileSize;

  static void bind(OptionBinder<CaptureOptions> &bind) {
    using O = CaptureOptions;
    constexpr int64_t FirstOpset = 21, LastOpset = 23;
    bind.option("model", &O::model,
                "The model: an .onnx file, or a folder with model.onnx or a single other .onnx "
                "file in it; a Hugging Face folder with config.json and safetensors; a .gguf file.")
        .required()
        .nonEmpty();
    bind.option("format", &O::format, "What the model is.")
        .values({{"auto", Format::Auto, "told by its name and content"},
                 {"onnx", Format::Onnx, "an ONNX file, whatever its name"},
                 {"huggingface", Format::HuggingFace, "a folder with config.json and safetensors"},
                 {"gguf", Format::Gguf, "a GGUF file, whatever its name"}});
    bind.option("precision", &O::precision, "Of checkpoints: how weights are stored and computed.")
        .values(
            {{"keep", Precision::Keep,
              "stored as in the checkpoint, GGUF's Q4_0, Q4_1 and Q8_0 included (bfloat16, which "
              "operators do not take, as fp32; Q4_K and Q6_K as fp16), computed in fp32"},
             {"fp32", Precision::Float32, "stored and computed in fp32"},
             {"fp16", Precision::Float16, "stored and computed in fp16"}});
    bind.option("opset", &O::opset,
                "Of checkpoints: the version of ONNX's operators. From 23 on there are Attention, "
                "RotaryEmbedding and RMSNormalization; before, plain operators compute the same.")
        .range(FirstOpset, LastOpset);
    bind.option("kv-cache", &O::kvCache,
                "Of checkpoints: whether the graph takes the keys and values of earlier tokens and "
                "gives those of all.");
    bind.option("max-file-size", &O::maxFileSize,
                "Refuses .onnx files that are larger; data files beside them do not count.");
  }
};

} // namespace optrun

#endif // OPTRUN_PASSES_CAPTURE_OPTIONS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of the verify pass.

#ifndef OPTRUN_PASSES_VERIFY_OPTIONS_H
#define OPTRUN_PASSES_VERIFY_OPTIONS_H

#include "optrun/Options/Options.h"

namespace optrun::verify {

struct VerifyOptions {
  std::optional<FilePath> reference;
  int64_t samples = 3;
  std::optional<FilePath> inputs;
  double tolerance = 1e-5;
  bool exact = true;
  int64_t seed = 0;

  static void bind(OptionBinder<VerifyOptions> &bind) {
    bind.option("reference", &VerifyOptions::reference,
                "The ONNX model to compare with; by default the model that capture read, or what "
                "passes made of it that change values on purpose.");
    bind.option("samples", &VerifyOptions::samples,
                "How many sets of inputs to generate, each of another batch size, sequence length "
                "and, for models with a KV cache, past length.")
        .range(1, 1000);
    bind.option("inputs", &VerifyOptions::inputs,
                "Inputs to use instead of generated ones: a folder with input_0.pb, input_1.pb … "
                "(ONNX TensorProto files in the order of the model's inputs, as in ONNX's own test "
                "data), or a folder of such folders.");
    bind.option(
            "tolerance", &VerifyOptions::tolerance,
            "The largest difference allowed with ONNX Runtime's graph optimizations on, relative "
            "to the largest magnitude in the output. Where values in half precision go from one "
            "component to another, floating-point outputs may differ by what their rounding "
            "explains, and in any model by four times what optimizations change in the original "
            "itself (in quantized models), if that is more; a remark says so.")
        .min(0.0);
    bind.option(
        "exact", &VerifyOptions::exact,
        "Demand the same bits with graph optimizations off. Set to false to compare with the model "
        "as captured, although passes have changed values on purpose (quantization); the tolerance "
        "then holds for both runs.");
    bind.option("seed", &VerifyOptions::seed, "Seed of the generated inputs.");
  }
};

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_OPTIONS_H

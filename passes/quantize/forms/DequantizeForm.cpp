// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The standard form: DequantizeLinear before each use.

#include "forms/DenseWeight.h"

namespace optrun::quantize {
namespace {

class DequantizeForm final : public Form {
public:
  bool takes(const Weight &, const WeightSettings &) const override { return true; }

  QuantizationJob job(const Weight &weight, const WeightSettings &settings) const override {
    return denseJob(weight, settings);
  }

  int64_t opset(const Weight &weight, const QuantizationJob &job) const override {
    return DenseWeight::opset(weight, job);
  }

  llvm::Error rewrite(const Weight &weight, llvm::ArrayRef<WeightUse> uses,
                      const QuantizationJob &job, const QuantizedWeight &quantized,
                      ComponentEditor &editor) const override {
    llvm::Expected<DenseWeight> dense = DenseWeight::create(weight, job, quantized);
    if (!dense)
      return dense.takeError();
    // Each use its own node: ONNX Runtime fuses one with one.
    for (const WeightUse &use : uses)
      dense->dequantize(use, editor);
    return llvm::Error::success();
  }
};

} // namespace

std::unique_ptr<Form> makeDequantizeForm() { return std::make_unique<DequantizeForm>(); }

} // namespace optrun::quantize

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A quantized weight in the shape of a matrix, as ONNX's own operators take it.

#ifndef OPTRUN_PASSES_QUANTIZE_FORMS_DENSEWEIGHT_H
#define OPTRUN_PASSES_QUANTIZE_FORMS_DENSEWEIGHT_H

#include "forms/Form.h"

namespace optrun::quantize {

/// Columns [K, N] where products alone read the weight: ONNX Runtime fuses DequantizeLinear with
/// MatMul and Gemm in this order only. Rows where anything else does.
Order denseOrder(const Weight &weight);

/// A job that stores the weight dense, as integers of ONNX's types.
QuantizationJob denseJob(const Weight &weight, const WeightSettings &settings);

class DenseWeight {
public:
  static llvm::Expected<DenseWeight> create(const Weight &weight, const QuantizationJob &job,
                                            const QuantizedWeight &quantized);

  /// The least version of ONNX's operators with a DequantizeLinear for it.
  static int64_t opset(const Weight &weight, const QuantizationJob &job);

  /// Has \p use read DequantizeLinear.
  void dequantize(const WeightUse &use, ComponentEditor &editor) const;

  ir::TensorRef codes, scales, zeroPoints; ///< zeroPoints may be null

private:
  DenseWeight(const Weight &weight, const QuantizationJob &job) : weight(weight), job(job) {}
  ir::Value *values(ir::DataType type, ComponentEditor &editor, Place place) const;

  const Weight &weight;
  const QuantizationJob &job;
};

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_FORMS_DENSEWEIGHT_H

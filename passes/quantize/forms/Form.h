// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A form is what becomes of the nodes that read a quantized weight.

#ifndef OPTRUN_PASSES_QUANTIZE_FORMS_FORM_H
#define OPTRUN_PASSES_QUANTIZE_FORMS_FORM_H

#include "WeightSettings.h"

#include "optrun/Transforms/ComponentEditor.h"

namespace optrun::quantize {

class Form {
public:
  virtual ~Form() = default;

  /// Whether every use of the weight has an operator for it.
  virtual bool takes(const Weight &weight, const WeightSettings &settings) const = 0;

  /// What is stored.
  virtual QuantizationJob job(const Weight &weight, const WeightSettings &settings) const = 0;

  /// The least version of ONNX's operators that it needs.
  virtual int64_t opset(const Weight &weight, const QuantizationJob &job) const = 0;

  /// Has \p uses, which are those of one component, read \p quantized, the result of \p job.
  virtual llvm::Error rewrite(const Weight &weight, llvm::ArrayRef<WeightUse> uses,
                              const QuantizationJob &job, const QuantizedWeight &quantized,
                              ComponentEditor &editor) const = 0;
};

/// DequantizeLinear before each use: takes everything.
std::unique_ptr<Form> makeDequantizeForm();

/// com.microsoft's MatMulNBits and GatherBlockQuantized, in blocks. \p accuracyLevel: 0 leaves the
/// choice to the runtime.
std::unique_ptr<Form> makeOperatorForm(int64_t accuracyLevel);

/// Products in integers, of activations that are quantized as they come: DynamicQuantizeLinear and
/// MatMulInteger. Other uses of 8-bit weights read DequantizeLinear.
std::unique_ptr<Form> makeDynamicForm();

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_FORMS_FORM_H

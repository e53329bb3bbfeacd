// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The logits of one window as a model gives them.

#ifndef OPTRUN_PASSES_EVALUATE_LOGITSVIEW_H
#define OPTRUN_PASSES_EVALUATE_LOGITSVIEW_H

#include "optrun/Runtime/RuntimeValue.h"

namespace optrun::evaluate {

/// A row of floats for each position, in the memory of a value that outlives it.
class LogitsView {
public:
  /// An error unless \p value is [1, tokens, vocabulary] of floating-point numbers.
  static llvm::Expected<LogitsView> of(const runtime::RuntimeValue &value, size_t tokens);

  size_t vocabulary() const { return columns; }

  /// Those of one position, in place or, converted to float, in \p buffer.
  llvm::Expected<llvm::ArrayRef<float>> row(size_t position, std::vector<float> &buffer) const;

private:
  ir::DataType type = ir::DataType::Undefined;
  llvm::ArrayRef<uint8_t> bytes;
  size_t columns = 0;
};

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_LOGITSVIEW_H

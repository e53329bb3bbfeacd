// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The table of element types.

#include "optrun/Checkpoint/GgmlType.h"

#include "llvm/Support/ErrorHandling.h"

namespace optrun::checkpoint {

std::optional<GgmlType> ggmlTypeFromCode(uint32_t code) {
  switch (static_cast<GgmlType>(code)) {
  case GgmlType::F32:
  case GgmlType::F16:
  case GgmlType::Q40:
  case GgmlType::Q41:
  case GgmlType::Q80:
  case GgmlType::Q4K:
  case GgmlType::Q6K:
  case GgmlType::I8:
  case GgmlType::I16:
  case GgmlType::I32:
  case GgmlType::I64:
  case GgmlType::F64:
  case GgmlType::BF16:
    return static_cast<GgmlType>(code);
  }
  return std::nullopt;
}

GgmlLayout ggmlLayout(GgmlType type) {
  using ir::DataType;
  switch (type) {
  case GgmlType::F32:
    return {"F32", 1, 4, DataType::Float32};
  case GgmlType::F16:
    return {"F16", 1, 2, DataType::Float16};
  case GgmlType::Q40:
    return {"Q4_0", 32, 18, DataType::Undefined};
  case GgmlType::Q41:
    return {"Q4_1", 32, 20, DataType::Undefined};
  case GgmlType::Q80:
    return {"Q8_0", 32, 34, DataType::Undefined};
  case GgmlType::Q4K:
    return {"Q4_K", 256, 144, DataType::Undefined};
  case GgmlType::Q6K:
    return {"Q6_K", 256, 210, DataType::Undefined};
  case GgmlType::I8:
    return {"I8", 1, 1, DataType::Int8};
  case GgmlType::I16:
    return {"I16", 1, 2, DataType::Int16};
  case GgmlType::I32:
    return {"I32", 1, 4, DataType::Int32};
  case GgmlType::I64:
    return {"I64", 1, 8, DataType::Int64};
  case GgmlType::F64:
    return {"F64", 1, 8, DataType::Float64};
  case GgmlType::BF16:
    return {"BF16", 1, 2, DataType::BFloat16};
  }
  llvm_unreachable("a type that ggmlTypeFromCode does not give");
}

} // namespace optrun::checkpoint

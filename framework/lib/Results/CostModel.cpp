// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sums of costs.

#include "optrun/Results/CostModel.h"

#include "optrun/Support/ByteSize.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

namespace optrun {

double ModuleCost::intensity() const {
  return movedBytes == 0 ? 0 : static_cast<double>(flops) / static_cast<double>(movedBytes);
}

ModuleCost totalCost(llvm::ArrayRef<ModuleCost> rows) {
  ModuleCost total;
  auto add = [](uint64_t &sum, uint64_t count, uint64_t tied = 0) {
    sum = llvm::SaturatingAdd(sum, count - std::min(tied, count));
  };
  for (const ModuleCost &row : rows) {
    add(total.params, row.params, row.tiedParams);
    add(total.bytes, row.bytes, row.tiedBytes);
    add(total.storedBytes, row.storedBytes, row.tiedStoredBytes);
    for (uint64_t ModuleCost::*count :
         {&ModuleCost::publishedFlops, &ModuleCost::activationBytes, &ModuleCost::movedBytes,
          &ModuleCost::cacheBytes, &ModuleCost::flops, &ModuleCost::attentionFlops})
      add(total.*count, row.*count);
  }
  return total;
}

uint64_t bytesAtPrecision(CostPrecision precision, uint64_t params) {
  switch (precision) {
  case CostPrecision::Fp32:
    return llvm::SaturatingMultiply<uint64_t>(params, 4);
  case CostPrecision::Fp16:
    return llvm::SaturatingMultiply<uint64_t>(params, 2);
  case CostPrecision::Int8:
    return params;
  case CostPrecision::Int4:
    return params / 2 + params % 2;
  case CostPrecision::Keep:
    break;
  }
  llvm_unreachable("as stored, the number of parameters does not tell");
}

void CostModel::print(llvm::raw_ostream &os) const {
  os << "batch " << batch << ", sequence " << sequence << ", context " << context << '\n';
  for (const ModuleCost &row : rows) {
    os << row.module << ": " << row.params << " parameters, " << formatByteSize(row.storedBytes)
       << " stored, " << row.flops << " FLOPs";
    if (!row.tiedTo.empty())
      os << ", tied to " << row.tiedTo;
    os << '\n';
  }
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tensors that a weight becomes.

#include "QuantizationJob.h"

namespace optrun::quantize {
namespace {

PanelFormat formatOf(const QuantizationJob &job, uint64_t columns, unsigned bits, Coding coding) {
  PanelFormat format;
  format.matrices = job.layout.matrices;
  format.rows = job.layout.rows;
  format.columns = columns;
  format.order = job.order;
  format.bits = bits;
  format.coding = coding;
  return format;
}

} // namespace

PanelFormat QuantizationJob::codeFormat() const {
  PanelFormat format = formatOf(*this, layout.columns, grid.bits, coding);
  format.paddedColumns = paddedColumns();
  return format;
}

PanelFormat QuantizationJob::scaleFormat() const {
  PanelFormat format = formatOf(*this, blocks(), ir::bitWidth(grid.scaleType), Coding::Unsigned);
  if (format.order == Order::PaddedRows)
    format.order = Order::Rows; // whole bytes need no padding
  return format;
}

PanelFormat QuantizationJob::zeroPointFormat() const {
  PanelFormat format = formatOf(*this, blocks(), grid.bits, coding);
  format.paddedColumns = blocks();
  return format;
}

uint64_t QuantizationJob::storedBytes() const {
  if (isPerTensor)
    return codeFormat().bytes() + ir::bitWidth(grid.scaleType) / 8 + keepsZeroPoints;
  return codeFormat().bytes() + scaleFormat().bytes() +
         (keepsZeroPoints ? zeroPointFormat().bytes() : 0);
}

} // namespace optrun::quantize

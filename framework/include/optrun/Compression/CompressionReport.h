// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What compression has made of weights, as tables.

#ifndef OPTRUN_COMPRESSION_COMPRESSIONREPORT_H
#define OPTRUN_COMPRESSION_COMPRESSIONREPORT_H

#include "optrun/Compression/Weights.h"
#include "optrun/Support/Table.h"

namespace optrun {

/// One compressed weight.
struct CompressedWeight {
  std::string name;
  std::string group;  ///< groupOf() the weight
  std::string format; ///< "int4, blocks of 32"
  uint64_t elements = 0;
  uint64_t bytesBefore = 0;
  uint64_t bytesAfter = 0;  ///< all that is stored: codes, scales, zero points
  double squaredError = 0;  ///< sum of (value - decoded)^2
  double squaredWeight = 0; ///< sum of value^2

  /// ||w - ŵ|| / ||w||; 0 when both are 0.
  double relativeError() const;
  double bitsPerWeight() const;
};

/// Weights of the same place in different layers share a group: the path of the first module that
/// uses it, or its name, with '*' for numbers between dots.
std::string groupOf(const Weight &weight);

/// A row for each group and format, in order of first appearance, their sum, and what the model
/// holds beside them (\p otherBytes).
Table groupTable(llvm::ArrayRef<CompressedWeight> weights, uint64_t otherBytes);

/// The \p count weights with the largest relative errors, the largest first.
Table largestErrors(llvm::ArrayRef<CompressedWeight> weights, size_t count);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_COMPRESSIONREPORT_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tells what compression has made of a package.

#include "optrun/IR/Payloads.h"
#include "optrun/Transforms/CompressPackage.h"

#include <cmath>

namespace optrun {
namespace {

/// Rows of the table of largest errors.
constexpr size_t LargestErrors = 5;

/// Of all components, what they share counted once.
uint64_t payloadBytes(const ir::Package &package) {
  ir::PayloadIndex payloads;
  uint64_t bytes = 0;
  for (const std::unique_ptr<ir::Component> &component : package.components)
    ir::forEachTensor(*component, [&](const ir::TensorRef &tensor) {
      if (payloads.add(*tensor).second)
        bytes += tensor->byteSize();
    });
  return bytes;
}

} // namespace

void reportCompression(const ir::Package &package, llvm::ArrayRef<CompressedWeight> weights,
                       llvm::StringRef participle, PassContext &context) {
  uint64_t stored = 0;
  for (const CompressedWeight &weight : weights) {
    stored += weight.bytesAfter;
    context.statistic(weight.name + ": relative error, millionths",
                      std::llround(weight.relativeError() * 1e6));
    context.statistic(weight.name + ": bytes", static_cast<int64_t>(weight.bytesAfter));
  }
  context.statistic((participle + " weights").str(), static_cast<int64_t>(weights.size()));
  if (weights.empty())
    return;
  context.result(groupTable(weights, payloadBytes(package) - stored));
  context.result(largestErrors(weights, LargestErrors));
}

} // namespace optrun

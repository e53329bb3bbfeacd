// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sums over compressed weights.

#include "optrun/Compression/CompressionReport.h"

#include "optrun/Support/ByteSize.h"
#include "optrun/Support/Quantity.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"

#include <cmath>

namespace optrun {
namespace {

template <typename T> std::string formatted(const char *pattern, T value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(pattern, value);
  return text;
}

std::string formatError(double relative) { return formatted("%.4f", relative); }

struct Sum {
  CompressedWeight all;
  uint64_t tensors = 0;

  void add(const CompressedWeight &weight) {
    ++tensors;
    all.elements += weight.elements;
    all.bytesBefore += weight.bytesBefore;
    all.bytesAfter += weight.bytesAfter;
    all.squaredError += weight.squaredError;
    all.squaredWeight += weight.squaredWeight;
  }

  std::vector<std::string> row(llvm::StringRef group, llvm::StringRef format) const {
    return {group.str(),
            format.str(),
            std::to_string(tensors),
            formatCount(all.elements),
            formatted("%.2f", all.bitsPerWeight()),
            formatByteSize(all.bytesBefore),
            formatByteSize(all.bytesAfter),
            formatError(all.relativeError())};
  }
};

bool isNumber(llvm::StringRef text) { return !text.empty() && llvm::all_of(text, llvm::isDigit); }

} // namespace

double CompressedWeight::relativeError() const {
  return squaredError == 0 ? 0 : std::sqrt(squaredError / squaredWeight);
}

double CompressedWeight::bitsPerWeight() const {
  return elements == 0 ? 0 : 8 * static_cast<double>(bytesAfter) / static_cast<double>(elements);
}

std::string groupOf(const Weight &weight) {
  const llvm::StringRef path =
      weight.modules.empty() ? weight.names.front() : weight.modules.front();
  llvm::SmallVector<llvm::StringRef, 8> parts;
  path.split(parts, '.');
  for (llvm::StringRef &part : parts)
    if (isNumber(part))
      part = "*";
  return llvm::join(parts, ".");
}

Table groupTable(llvm::ArrayRef<CompressedWeight> weights, uint64_t otherBytes) {
  constexpr auto Right = Table::Align::Right;
  Table table({{"weights"},
               {"format"},
               {"tensors", Right},
               {"params", Right},
               {"bits/weight", Right},
               {"before", Right},
               {"after", Right},
               {"relative error", Right}});
  std::vector<std::pair<const CompressedWeight *, Sum>> groups; // with the first of each
  llvm::StringMap<size_t> groupIndex;
  Sum total;
  for (const CompressedWeight &weight : weights) {
    auto [known, isNew] =
        groupIndex.try_emplace(weight.group + '\n' + weight.format, groups.size());
    if (isNew)
      groups.emplace_back(&weight, Sum());
    groups[known->second].second.add(weight);
    total.add(weight);
  }
  for (const auto &[first, sum] : groups)
    table.addRow(sum.row(first->group, first->format));
  table.addRule();
  table.addRow(total.row("compressed", ""));
  const std::string other = formatByteSize(otherBytes);
  table.addRow({"everything else", "", "", "", "", other, other, ""});
  table.addRow({"model", "", "", "", "", formatByteSize(total.all.bytesBefore + otherBytes),
                formatByteSize(total.all.bytesAfter + otherBytes), ""});
  return table;
}

Table largestErrors(llvm::ArrayRef<CompressedWeight> weights, size_t count) {
  std::vector<const CompressedWeight *> order;
  for (const CompressedWeight &weight : weights)
    order.push_back(&weight);
  llvm::stable_sort(order, [](const auto *left, const auto *right) {
    return left->relativeError() > right->relativeError();
  });
  order.resize(std::min(order.size(), count));
  Table table({{"largest errors"}, {"format"}, {"relative error", Table::Align::Right}});
  for (const CompressedWeight *weight : order)
    table.addRow({weight->name, weight->format, formatError(weight->relativeError())});
  return table;
}

} // namespace optrun

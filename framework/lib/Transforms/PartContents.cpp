// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What parts will hold, found before they are cut.

#include "PartLayout.h"

#include "optrun/IR/Payloads.h"

namespace optrun {
namespace {

/// Collects the payloads of one part after the other.
class PayloadCollector {
public:
  void startPart() {
    ++part;
    result.payloadsOf.emplace_back();
  }
  void finishPart() { llvm::sort(result.payloadsOf.back()); }

  template <typename T> void add(const T &holder) {
    ir::forEachTensor(holder, [&](const ir::TensorRef &tensor) { addTensor(*tensor); });
  }
  PartContents take() { return std::move(result); }

private:
  void addTensor(const ir::Tensor &tensor) {
    auto [number, isNew] = index.add(tensor);
    if (isNew) {
      result.bytes.push_back(tensor.byteSize());
      lastPart.push_back(0);
    }
    if (lastPart[number] == part)
      return;
    lastPart[number] = part;
    result.payloadsOf.back().push_back(static_cast<uint32_t>(number));
  }

  PartContents result;
  ir::PayloadIndex index;
  uint32_t part = 0;
  std::vector<uint32_t> lastPart; // for each payload, counted from 1
};

} // namespace

uint64_t PartContents::weightBytes(uint32_t part) const {
  uint64_t total = 0;
  for (uint32_t payload : payloadsOf[part])
    total += bytes[payload];
  return total;
}

llvm::Expected<PartContents> contentsOfParts(const ir::Component &component,
                                             const Partition &partition) {
  llvm::Expected<Dataflow> flow = Dataflow::build(component.graph);
  if (!flow)
    return flow.takeError();
  return contentsOfParts(component, *flow, partition);
}

llvm::Expected<PartContents> contentsOfParts(const ir::Component &component, const Dataflow &flow,
                                             const Partition &partition) {
  llvm::Expected<std::vector<PartLayout>> layouts = layOutParts(component, flow, partition);
  if (!layouts)
    return layouts.takeError();

  PayloadCollector collector;
  for (const PartLayout &layout : *layouts) {
    collector.startPart();
    for (const ir::Value *initializer : layout.initializers)
      collector.add(*initializer);
    for (uint32_t node : layout.nodes)
      collector.add(flow.node(node));
    for (const ir::Function *function : layout.functions)
      collector.add(*function);
    collector.finishPart();
  }
  PartContents contents = collector.take();
  for (PartLayout &layout : *layouts)
    contents.receivedBy.emplace_back(layout.received.begin(), layout.received.end());
  return contents;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Counts the weight bytes of parts before they are cut.

#include "PartLayout.h"

#include <map>
#include <tuple>

namespace optrun {
namespace {

/// Numbers payloads and collects those of one part after the other.
class PayloadCollector {
public:
  explicit PayloadCollector(PartPayloads &result) : result(result) {}

  void startPart() {
    ++part;
    result.payloadsOf.emplace_back();
  }
  void finishPart() { llvm::sort(result.payloadsOf.back()); }

  void addInitializer(const ir::Value &value) {
    addTensor(value.tensor());
    if (const ir::SparseTensor *sparse = value.sparseTensor())
      add(*sparse);
  }

  void addNode(const ir::Node &node) {
    for (const ir::Attribute &attribute : node.attributes())
      addAttribute(attribute);
  }

  void addFunction(const ir::Function &function) {
    addGraph(function.body);
    for (const ir::Attribute &attribute : function.attributesWithDefaults)
      addAttribute(attribute);
  }

private:
  void addGraph(const ir::Graph &graph) {
    for (const ir::Value *value : graph.initializers())
      addInitializer(*value);
    for (const ir::Node &node : graph.nodes())
      addNode(node);
  }

  void addAttribute(const ir::Attribute &attribute) {
    std::visit([&](const auto &held) { add(held); }, attribute.value);
  }

  template <typename T> void add(const T &) {}
  void add(const ir::TensorRef &tensor) { addTensor(tensor); }
  void add(const ir::SparseTensor &sparse) {
    addTensor(sparse.values);
    addTensor(sparse.indices);
  }
  void add(const std::unique_ptr<ir::Graph> &graph) {
    if (graph)
      addGraph(*graph);
  }
  template <typename T>
    requires std::is_same_v<T, ir::TensorRef> || std::is_same_v<T, ir::SparseTensor> ||
             std::is_same_v<T, std::unique_ptr<ir::Graph>>
  void add(const std::vector<T> &list) {
    for (const T &element : list)
      add(element);
  }

  void addTensor(const ir::TensorRef &tensor) {
    if (!tensor)
      return;
    const uint32_t payload = payloadOf(*tensor);
    if (lastPart[payload] == part)
      return;
    lastPart[payload] = part;
    result.payloadsOf.back().push_back(payload);
  }

  uint32_t payloadOf(const ir::Tensor &tensor) {
    const ir::TensorSource *source = tensor.source().get();
    const void *identity = source ? static_cast<const void *>(source) : &tensor;
    auto [known, isNew] = byIdentity.try_emplace(identity, 0);
    if (!isNew)
      return known->second;
    uint32_t next = static_cast<uint32_t>(result.bytes.size());
    if (source)
      if (std::optional<ir::FileRange> range = source->fileRange())
        next = byRange
                   .try_emplace({range->file->device(), range->file->inode(), range->offset,
                                 range->length},
                                next)
                   .first->second;
    if (next == result.bytes.size()) {
      result.bytes.push_back(tensor.byteSize());
      lastPart.push_back(0);
    }
    return known->second = next;
  }

  PartPayloads &result;
  uint32_t part = 0;
  std::vector<uint32_t> lastPart; // for each payload, counted from 1
  llvm::DenseMap<const void *, uint32_t> byIdentity;
  std::map<std::tuple<uint64_t, uint64_t, uint64_t, uint64_t>, uint32_t> byRange;
};

} // namespace

uint64_t PartPayloads::weightBytes(uint32_t part) const {
  uint64_t total = 0;
  for (uint32_t payload : payloadsOf[part])
    total += bytes[payload];
  return total;
}

llvm::Expected<PartPayloads> payloadsOfParts(const ir::Component &component,
                                             const Partition &partition) {
  llvm::Expected<Dataflow> flow = Dataflow::build(component.graph);
  if (!flow)
    return flow.takeError();
  llvm::Expected<std::vector<PartLayout>> layouts = layOutParts(component, *flow, partition);
  if (!layouts)
    return layouts.takeError();

  PartPayloads payloads;
  PayloadCollector collector(payloads);
  for (const PartLayout &layout : *layouts) {
    collector.startPart();
    for (const ir::Value *initializer : layout.initializers)
      collector.addInitializer(*initializer);
    for (uint32_t node : layout.nodes)
      collector.addNode(flow->node(node));
    for (const ir::Function *function : layout.functions)
      collector.addFunction(*function);
    collector.finishPart();
  }
  return payloads;
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Module paths from the names of parameters: a node belongs to the module whose parameters it
/// uses.

#include "ModuleEvidence.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun {
namespace {

/// What is known of a constant: the module that owns it and its size.
struct OwnedConstant {
  ModuleTree::Id module = ModuleTree::None;
  uint64_t bytes = 0;
};

bool hasOneUse(const ir::Value &value) {
  auto uses = value.uses();
  return !uses.empty() && std::next(uses.begin()) == uses.end();
}

} // namespace

std::optional<std::string> parameterModulePath(llvm::StringRef parameterName) {
  // Weights that an exporter has folded are called "onnx::MatMul_1234".
  if (parameterName.contains("::"))
    return std::nullopt;
  const std::string path = dottedPath(parameterName.split(':').first.ltrim('/'));
  llvm::StringRef module = llvm::StringRef(path).rsplit('.').first;
  if (module.size() == path.size())
    return std::nullopt;
  // "dense.weight.scale" and "dense.weight.zero_point" belong to dense.
  while (module.ends_with(".weight") || module.ends_with(".bias"))
    module = module.rsplit('.').first;
  if (module.empty())
    return std::nullopt;
  return module.str();
}

ModuleEvidence parameterNameEvidence(const Dataflow &flow, ModuleTree &tree) {
  ModuleEvidence evidence(flow.size(), ModuleTree::None);
  std::vector<OwnedConstant> folded(flow.size());
  for (uint32_t node = 0; node < flow.size(); ++node) {
    OwnedConstant largest;
    llvm::ArrayRef<ir::Value *> operands = flow.operands(node);
    for (size_t operand = 0; operand < operands.size(); ++operand) {
      const ir::Value &value = *operands[operand];
      const uint32_t producer = flow.producers(node)[operand];
      const bool isConstant =
          producer == Dataflow::None ? value.isInitializer() : flow.foldsConstants(producer);
      // A constant that several nodes share says nothing about any of them: exporters merge equal
      // ones under the name of the first (all biases that are zero, say).
      if (!isConstant || !hasOneUse(value))
        continue;
      OwnedConstant constant;
      if (producer != Dataflow::None) {
        constant = folded[producer];
      } else if (std::optional<std::string> path = parameterModulePath(value.name())) {
        constant.module = tree.intern(*path);
        constant.bytes = value.tensor() ? value.tensor()->byteSize() : 0;
      }
      if (constant.module != ModuleTree::None &&
          (largest.module == ModuleTree::None || constant.bytes > largest.bytes))
        largest = constant;
    }
    evidence[node] = largest.module;
    if (flow.foldsConstants(node))
      folded[node] = largest;
  }
  return evidence;
}

} // namespace optrun

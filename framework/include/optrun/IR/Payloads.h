// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The constant tensors of a component, and which of them hold the same bytes.

#ifndef OPTRUN_IR_PAYLOADS_H
#define OPTRUN_IR_PAYLOADS_H

#include "optrun/IR/Package.h"

#include "llvm/ADT/DenseMap.h"

#include <map>
#include <tuple>

namespace optrun::ir {

/// Calls \p visit for every constant: initializers, parts of sparse ones, tensor attributes, in
/// nested graphs and functions too. In file order; a tensor that is used twice is visited twice.
void forEachTensor(const Component &component, llvm::function_ref<void(const TensorRef &)> visit);

/// What a tensor is to the constant that it is part of.
enum class TensorRole {
  Weight,       ///< its elements
  SparseIndices ///< the positions of those of a sparse tensor
};
/// forEachTensor(), with the role of each.
void forEachTensorInRole(const Component &component,
                         llvm::function_ref<void(const TensorRef &, TensorRole)> visit);

/// The constants of one node: its tensor attributes and its nested graphs; not its operands.
void forEachTensor(const Node &node, llvm::function_ref<void(const TensorRef &)> visit);
/// The constants of a function: those of its body and of its attributes' defaults.
void forEachTensor(const Function &function, llvm::function_ref<void(const TensorRef &)> visit);
/// The tensors of an initializer: one, or the two of a sparse one; none for other values.
void forEachTensor(const Value &initializer, llvm::function_ref<void(const TensorRef &)> visit);

/// Numbers payloads: tensors that share a source, or the same range of the same file (tied weights
/// of external data), are one payload.
class PayloadIndex {
public:
  /// The number of the tensor's payload, 0 for the first that was added, and whether it is new.
  std::pair<size_t, bool> add(const Tensor &tensor);
  size_t size() const { return count; }

private:
  using Range = std::tuple<uint64_t, uint64_t, uint64_t, uint64_t>; // device, inode, offset, length
  llvm::DenseMap<const void *, size_t> bySource;
  std::map<Range, size_t> byRange;
  size_t count = 0;
};

} // namespace optrun::ir

#endif // OPTRUN_IR_PAYLOADS_H

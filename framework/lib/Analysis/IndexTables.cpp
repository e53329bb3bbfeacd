// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A forward walk from an input to the operators that look up tables.

#include "IndexTables.h"

#include "optrun/IR/Constants.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstring>

using namespace llvm;

namespace optrun {
namespace {

constexpr StringLiteral Microsoft = "com.microsoft";

/// An index on its way to a table.
struct Place {
  const ir::Value *value;
  int64_t added;        // what was added to the input's value on the way
  const ir::Node *call; // the call through which a function's body was entered
};

/// Operators whose first input's elements are elements of the output.
bool keepsElements(const ir::Node &node, unsigned operand) {
  if (node.isOp("Concat"))
    return true;
  return operand == 0 &&
         StringSwitch<bool>(node.domain().empty() || node.domain() == "ai.onnx" ? node.opType()
                                                                                : StringRef())
             .Cases("Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", true)
             .Cases("Flatten", "Transpose", "Expand", "Slice", "Split", "Tile", true)
             .Default(false);
}

/// The only element of an integer constant.
std::optional<int64_t> integerScalar(const ir::Value &value) {
  ir::TensorRef tensor = constantOf(value);
  if (!tensor || tensor->elementCount() != 1)
    return std::nullopt;
  Expected<std::vector<uint8_t>> bytes = tensor->readAll();
  if (!bytes) {
    consumeError(bytes.takeError());
    return std::nullopt;
  }
  if (tensor->dataType() == ir::DataType::Int64 && bytes->size() == sizeof(int64_t)) {
    int64_t number = 0;
    std::memcpy(&number, bytes->data(), sizeof number);
    return number;
  }
  if (tensor->dataType() == ir::DataType::Int32 && bytes->size() == sizeof(int32_t)) {
    int32_t number = 0;
    std::memcpy(&number, bytes->data(), sizeof number);
    return number;
  }
  return std::nullopt;
}

/// The shape of a constant table, looking through what turns a stored table into the one in use.
std::optional<ir::Tensor::Dims> tableShape(const ir::Value *value, const ir::Node *call,
                                           unsigned depth = 0) {
  constexpr unsigned MaxDepth = 8;
  if (!value || depth > MaxDepth)
    return std::nullopt;
  if (ir::TensorRef tensor = constantOf(*value))
    return ir::Tensor::Dims(tensor->dims());
  const ir::Node *producer = value->producer();
  if (!producer) {
    // A function's formal parameter stands for what the call passes.
    if (!call || !value->isInput())
      return std::nullopt;
    ArrayRef<ir::Value *> formal = value->graph().inputs();
    auto position = std::find(formal.begin(), formal.end(), value) - formal.begin();
    return tableShape(call->input(static_cast<unsigned>(position)), nullptr, depth + 1);
  }
  if (producer->isOp("Cast") || producer->isOp("Identity") || producer->isOp("DequantizeLinear"))
    return tableShape(producer->input(0), call, depth + 1);
  if (producer->isOp("Transpose")) {
    std::optional<ir::Tensor::Dims> shape = tableShape(producer->input(0), call, depth + 1);
    const ir::Attribute *order = producer->attribute("perm");
    const auto *axes = order ? std::get_if<std::vector<int64_t>>(&order->value) : nullptr;
    if (shape && !axes) {
      std::reverse(shape->begin(), shape->end());
      return shape;
    }
    if (!shape || axes->size() != shape->size())
      return std::nullopt;
    ir::Tensor::Dims result;
    for (int64_t axis : *axes) {
      if (axis < 0 || axis >= static_cast<int64_t>(shape->size()))
        return std::nullopt;
      result.push_back((*shape)[static_cast<size_t>(axis)]);
    }
    return result;
  }
  return std::nullopt;
}

/// The rows of the table that \p node selects from with operand \p operand; nullopt when it is no
/// look-up or its table is no constant.
std::optional<int64_t> rowsLookedUp(const ir::Node &node, unsigned operand, const ir::Node *call) {
  auto rows = [&](unsigned table, int64_t axis) -> std::optional<int64_t> {
    std::optional<ir::Tensor::Dims> shape = tableShape(node.input(table), call);
    if (!shape)
      return std::nullopt;
    auto rank = static_cast<int64_t>(shape->size());
    int64_t index = axis < 0 ? axis + rank : axis;
    if (index < 0 || index >= rank)
      return std::nullopt;
    return (*shape)[static_cast<size_t>(index)];
  };
  if (node.isOp("Gather") && operand == 1)
    return rows(0, node.intAttribute("axis").value_or(0));
  if (node.isOp(Microsoft, "GatherBlockQuantized") && operand == 1)
    return rows(0, node.intAttribute("gather_axis").value_or(0));
  if (node.isOp("OneHot") && operand == 0 && node.input(1))
    return integerScalar(*node.input(1));
  if (node.isOp(Microsoft, "EmbedLayerNormalization")) {
    // Operands: token ids, token types, then the tables of words, positions and types.
    if (operand == 0)
      return rows(2, 0);
    if (operand == 1)
      return rows(4, 0);
    constexpr unsigned PositionIds = 8;
    if (operand == PositionIds)
      return rows(3, 0);
  }
  return std::nullopt;
}

class Walk {
public:
  explicit Walk(const ir::Component &model) : model(model) {}

  std::optional<int64_t> from(const ir::Value &input) {
    push({&input, 0, nullptr});
    while (!pending.empty()) {
      Place place = pending.back();
      pending.pop_back();
      for (const ir::Use &use : place.value->uses())
        follow(place, *use.user(), use.operandIndex());
    }
    return least;
  }

private:
  void push(const Place &place) {
    if (seen.insert({place.value, place.call}).second)
      pending.push_back(place);
  }

  void pushOutputs(const ir::Node &node, int64_t added, const ir::Node *call) {
    for (const ir::Value *output : node.outputs())
      if (output)
        push({output, added, call});
  }

  void follow(const Place &place, const ir::Node &node, unsigned operand) {
    if (std::optional<int64_t> rows = rowsLookedUp(node, operand, place.call)) {
      int64_t usable = 0;
      if (SubOverflow(*rows, place.added, usable))
        return;
      least = least ? std::min(*least, usable) : usable;
      return;
    }
    if (keepsElements(node, operand))
      return pushOutputs(node, place.added, place.call);
    if (node.numInputs() == 2 && node.input(1 - operand))
      if (followArithmetic(place, node, *node.input(1 - operand), operand))
        return;
    if (const ir::Function *function =
            model.findFunction(node.domain(), node.opType(), node.overload()))
      if (!place.call && operand < function->body.inputs().size())
        push({function->body.inputs()[operand], place.added, &node});
  }

  /// Constants that are added or taken away; masks that something is multiplied with.
  bool followArithmetic(const Place &place, const ir::Node &node, const ir::Value &other,
                        unsigned operand) {
    const bool isSum = node.isOp("Add"), isDifference = node.isOp("Sub") && operand == 0;
    if (!isSum && !isDifference && !node.isOp("Mul"))
      return false;
    const std::optional<int64_t> number = integerScalar(other);
    int64_t added = place.added;
    const bool isCounted = node.isOp("Mul") ? !constantOf(other)
                           : !number        ? false
                           : isSum          ? !AddOverflow(added, *number, added)
                                            : !SubOverflow(added, *number, added);
    if (isCounted)
      pushOutputs(node, added, place.call);
    return true;
  }

  const ir::Component &model;
  SmallVector<Place> pending;
  DenseSet<std::pair<const ir::Value *, const ir::Node *>> seen;
  std::optional<int64_t> least;
};

} // namespace

std::optional<int64_t> countIndexableRows(const ir::Component &model, const ir::Value &input) {
  std::optional<int64_t> rows = Walk(model).from(input);
  return rows && *rows > 0 ? rows : std::nullopt;
}

} // namespace optrun

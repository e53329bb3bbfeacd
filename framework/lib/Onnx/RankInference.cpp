// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Ranks from the lengths of shape tensors.

#include "RankInference.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>

namespace optrun::onnx {
namespace {

class RankInference {
public:
  explicit RankInference(proto::GraphProto &graph) : graph(graph) {
    for (auto *infos : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()})
      for (proto::ValueInfoProto &info : *infos)
        if (info.type().has_tensor_type())
          tensors.try_emplace(info.name(), info.mutable_type()->mutable_tensor_type());
  }

  bool run() {
    bool found = false;
    for (const proto::NodeProto &node : graph.node()) {
      if (node.output_size() != 1 || !(node.domain().empty() || node.domain() == "ai.onnx"))
        continue;
      const proto::TypeProto_Tensor *known = tensors.lookup(node.output(0));
      if (known && known->has_shape())
        continue;
      const std::optional<int64_t> rank = resultRank(node);
      proto::TypeProto_Tensor *result = rank ? resultType(node) : nullptr;
      if (!result)
        continue;
      for (proto::TensorShapeProto *shape = result->mutable_shape(); shape->dim_size() < *rank;)
        shape->add_dim();
      found = true;
    }
    if (found)
      forgetNames();
    return found;
  }

private:
  /// The library names the extents that it does not know ("unk__3"), and keeps to these names when
  /// it comes to know them.
  void forgetNames() {
    for (auto &tensor : tensors)
      if (tensor.second && tensor.second->has_shape())
        for (auto &dimension : *tensor.second->mutable_shape()->mutable_dim())
          if (llvm::StringRef(dimension.dim_param()).starts_with("unk__"))
            dimension.clear_dim_param();
  }

  std::optional<int64_t> resultRank(const proto::NodeProto &node) const {
    if (node.op_type() == "Reshape")
      return lengthOf(node, 1);
    if (node.op_type() == "ConstantOfShape")
      return lengthOf(node, 0);
    if (node.op_type() == "Expand") {
      const proto::TypeProto_Tensor *input = inputOf(node, 0);
      const std::optional<int64_t> length = lengthOf(node, 1);
      if (input && input->has_shape() && length)
        return std::max<int64_t>(input->shape().dim_size(), *length);
    }
    return std::nullopt;
  }

  /// The description of the node's result, made here if there is none; null when its element type
  /// is not known.
  proto::TypeProto_Tensor *resultType(const proto::NodeProto &node) {
    proto::TypeProto_Tensor *&result = tensors[node.output(0)];
    // That of ConstantOfShape has nothing to do with its input's; the library finds it.
    const proto::TypeProto_Tensor *data =
        node.op_type() == "ConstantOfShape" ? nullptr : inputOf(node, 0);
    if (!result && data && data->elem_type() != proto::TensorProto::UNDEFINED) {
      proto::ValueInfoProto *info = graph.add_value_info();
      info->set_name(node.output(0));
      result = info->mutable_type()->mutable_tensor_type();
      result->set_elem_type(data->elem_type());
    }
    return result;
  }

  const proto::TypeProto_Tensor *inputOf(const proto::NodeProto &node, int index) const {
    return index < node.input_size() ? tensors.lookup(node.input(index)) : nullptr;
  }

  /// Elements of an input of one dimension.
  std::optional<int64_t> lengthOf(const proto::NodeProto &node, int index) const {
    constexpr int64_t MaxRank = 64; // a file may claim anything
    const proto::TypeProto_Tensor *type = inputOf(node, index);
    if (!type || type->shape().dim_size() != 1 || !type->shape().dim(0).has_dim_value())
      return std::nullopt;
    const int64_t length = type->shape().dim(0).dim_value();
    return length >= 0 && length <= MaxRank ? std::optional(length) : std::nullopt;
  }

  proto::GraphProto &graph;
  llvm::StringMap<proto::TypeProto_Tensor *> tensors;
};

} // namespace

bool inferRanks(proto::GraphProto &graph) {
  const bool takesShapes = llvm::any_of(graph.node(), [](const proto::NodeProto &node) {
    return node.op_type() == "Reshape" || node.op_type() == "Expand" ||
           node.op_type() == "ConstantOfShape";
  });
  return takesShapes && RankInference(graph).run();
}

} // namespace optrun::onnx

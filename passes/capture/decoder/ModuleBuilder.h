// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes a graph module by module, with the names and metadata that exporters of PyTorch give it.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_MODULEBUILDER_H
#define OPTRUN_PASSES_CAPTURE_DECODER_MODULEBUILDER_H

#include "decoder/Weights.h"

#include "optrun/IR/Package.h"

#include <variant>

namespace optrun::decoder {

/// An attribute of a new node.
struct NewAttribute {
  llvm::StringRef name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>> value;
};

/// A weight that rows are multiplied with or looked up in, [out, in]: its values, or its blocks.
struct Matrix {
  int64_t out = 0, in = 0;
  ir::Value *values = nullptr; ///< in the type that they are stored in; null when there are blocks
  bool inputsFirst = false;    ///< values are [in, out]
  int64_t bits = 0, zero = 0;  ///< of blocks: see PackedWeight
  ir::Value *quants = nullptr, *scales = nullptr, *minimums = nullptr;
};

/// Nodes, constants and weights for one component. Everything is added to the current module; names
/// follow its path: "/model/layers.0/self_attn/q_proj/Gemm", "…/Gemm_1".
class ModuleBuilder {
public:
  ModuleBuilder(ir::Component &component, Weights &weights)
      : component(component), weights(weights) {}

  /// Leaves the module when it goes out of scope.
  class Scope {
  public:
    ~Scope() { builder.modules.resize(depth); }
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

  private:
    friend class ModuleBuilder;
    Scope(ModuleBuilder &builder, size_t depth) : builder(builder), depth(depth) {}
    ModuleBuilder &builder;
    size_t depth;
  };
  /// Enters a module of the current one: "self_attn", "layers.0"; "" stays.
  [[nodiscard]] Scope enter(llvm::StringRef module);
  /// Dots between components.
  std::string modulePath() const;

  /// A node with one output. Null inputs are omitted ones.
  ir::Value *add(llvm::StringRef op, llvm::ArrayRef<ir::Value *> inputs,
                 llvm::ArrayRef<NewAttribute> attributes = {});
  /// A node with several.
  llvm::SmallVector<ir::Value *, 3> add(llvm::StringRef op, unsigned outputs,
                                        llvm::ArrayRef<ir::Value *> inputs,
                                        llvm::ArrayRef<NewAttribute> attributes = {});

  /// A node of ONNX Runtime's own operators, with one output.
  ir::Value *addMicrosoft(llvm::StringRef op, llvm::ArrayRef<ir::Value *> inputs,
                          llvm::ArrayRef<NewAttribute> attributes);

  ir::Value *input(llvm::StringRef name, ir::DataType type, ir::Shape shape);
  /// Makes \p value an output of the graph under that name.
  void output(ir::Value &value, llvm::StringRef name, ir::DataType type, ir::Shape shape);

  /// A weight of the current module, as it is stored.
  ir::Value *storedWeight(llvm::StringRef parameter, ir::Tensor::Dims dims);
  /// A weight of the current module in the type that is computed in.
  ir::Value *weight(llvm::StringRef parameter, ir::Tensor::Dims dims) {
    ir::Value *stored = storedWeight(parameter, std::move(dims));
    return cast(stored, stored->type().elementType(), computeType());
  }

  /// A weight of the current module, [out, in] or [in, out], quantized where it stays so.
  Matrix matrix(llvm::StringRef parameter, int64_t out, int64_t in, bool inputsFirst);

  /// A computed table of the current module, of rank 1.
  ir::Value *floats(llvm::StringRef name, llvm::ArrayRef<float> elements);
  /// Constants; equal ones are one initializer. A list has rank 1.
  ir::Value *integers(llvm::ArrayRef<int64_t> elements);
  ir::Value *integer(int64_t element);
  ir::Value *byte(uint8_t element);
  /// Bytes of 0.
  ir::Value *zeroBytes(llvm::ArrayRef<int64_t> dims);
  /// A scalar of the type that is computed in, or of \p type.
  ir::Value *number(double element) { return number(element, computeType()); }
  ir::Value *number(double element, ir::DataType type);

  /// \p value itself when both types are one.
  ir::Value *cast(ir::Value *value, ir::DataType from, ir::DataType to);
  /// From the type that is computed in to 32 bits and back, for what needs their range.
  ir::Value *widened(ir::Value *value) { return cast(value, computeType(), ir::DataType::Float32); }
  ir::Value *narrowed(ir::Value *value) {
    return cast(value, ir::DataType::Float32, computeType());
  }

  const DecoderOptions &options() const { return weights.options(); }
  ir::DataType computeType() const { return options().computeType(); }

private:
  ir::Node &addNode(llvm::StringRef domain, llvm::StringRef op, unsigned outputs,
                    llvm::ArrayRef<ir::Value *> inputs, llvm::ArrayRef<NewAttribute> attributes);
  ir::Value *initializer(const ir::TensorRef &tensor);
  ir::Value *constant(std::string name, ir::DataType type, ir::Tensor::Dims dims,
                      std::vector<uint8_t> bytes);
  std::string uniqueNodeName(llvm::StringRef op);

  ir::Component &component;
  Weights &weights;
  std::vector<std::string> modules;
  llvm::StringMap<unsigned> nodeCounts;
};

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_MODULEBUILDER_H

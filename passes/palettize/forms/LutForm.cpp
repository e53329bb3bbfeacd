// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Constants of a palettized weight, and the functions that look them up.

#include "forms/LutForm.h"

#include "forms/LutFunction.h"

#include "optrun/Transforms/WeightOperands.h"

using namespace llvm;

namespace optrun::palettize {
namespace {

using Dims = ir::Tensor::Dims;
using Kind = WeightUse::Kind;

/// What ONNX Runtime multiplies scales in.
ir::DataType computedType(ir::DataType type) {
  return type == ir::DataType::BFloat16 ? ir::DataType::Float32 : type;
}

class Rewriter {
public:
  Rewriter(const Weight &weight, const PalettizationJob &job, const PalettizedWeight &palettized,
           ComponentEditor &editor)
      : weight(weight), job(job), palettized(palettized), editor(editor),
        bits(job.settings.lut.bits), rows(static_cast<int64_t>(job.layout.allRows())),
        columns(static_cast<int64_t>(job.layout.columns)) {}

  Error createTensors() {
    const auto groups = static_cast<int64_t>(job.groups());
    const ir::DataType type = job.settings.lut.type;
    if (Error error = create("_lut", job.settings.lut.int8 ? ir::DataType::Int8 : type,
                             {groups, int64_t{1} << bits}, palettized.lut, lut))
      return error;
    if (job.settings.lut.int8)
      if (Error error = create("_lut_scale", type, {groups, 1}, palettized.lutScales, lutScale))
        return error;
    if (job.settings.scaleRows)
      if (Error error = create("_scale", type, rowScaleDims(), palettized.rowScales, rowScale))
        return error;
    if (Error error = create("_indices", indexType(), indexDims(), palettized.indices, indices))
      return error;
    if (!isPacked() && bits < 8 && hasWholeByteRows())
      return create("_packed_indices", ir::DataType::UInt8, packedRowsDims(), palettized.indices,
                    packedRows);
    if (hasWholeByteRows())
      packedRows = indices;
    return Error::success();
  }

  Error rewrite(const WeightUse &use) {
    // What both functions read comes first, so that the order is the same in a component that has
    // one of them.
    for (const ir::TensorRef &table : {lut, lutScale, rowScale})
      if (table)
        editor.constant(table, *use.home);
    return use.kind == Kind::Gather && packedRows ? gather(use) : readDense(use);
  }

private:
  Error create(const char *suffix, ir::DataType type, Dims dims, const ir::TensorSourceRef &source,
               ir::TensorRef &tensor) const {
    return ir::Tensor::create(weight.names.front() + suffix, type, std::move(dims), source)
        .moveInto(tensor);
  }

  bool hasWholeByteRows() const { return columns % 8 * bits % 8 == 0; }

  /// Packed in bytes where the component has no type of so many bits.
  ir::DataType indexType() const {
    const int64_t opset = editor.model().opsetVersion("").value_or(0);
    if (bits == 4 && opset >= 21)
      return ir::DataType::UInt4;
    if (bits == 2 && opset >= 25 && editor.model().irVersion >= 13)
      return ir::DataType::UInt2;
    return ir::DataType::UInt8;
  }
  bool isPacked() const { return ir::bitWidth(indexType()) != bits; }

  Dims packedRowsDims() const { return {rows, columns / 8 * bits + columns % 8 * bits / 8}; }

  Dims indexDims() const {
    if (!isPacked())
      return {rows, columns};
    if (hasWholeByteRows())
      return packedRowsDims();
    return {static_cast<int64_t>(palettized.indices->byteSize())};
  }

  /// Those of the weight, a row of the matrix after the other.
  Dims denseDims() const {
    Dims dims(weight.tensor->dims());
    if (!job.layout.rowsContiguous)
      std::swap(dims[dims.size() - 2], dims.back());
    return dims;
  }

  Dims rowScaleDims() const {
    Dims dims = denseDims();
    const bool isConvolution = weight.uses.front().kind == Kind::Conv;
    std::fill(dims.begin() + (isConvolution ? 1 : dims.size() - 1), dims.end(), 1);
    return dims;
  }

  LutFunction function(bool packed) const {
    LutFunction function;
    function.bits = bits;
    function.isPacked = packed;
    function.isPartial = packed && job.layout.elements() % indicesInWord(bits) != 0;
    function.hasLutScale = lutScale != nullptr;
    function.hasRowScale = rowScale != nullptr;
    return function;
  }

  /// Defines the function of a call to be made.
  Error define(StringRef name, const LutFunction &function) {
    if (editor.model().findFunction(OptRunDomain, name, function.overload()))
      return Error::success();
    const int64_t opset = editor.model().opsetVersion("").value_or(0);
    Expected<std::unique_ptr<ir::Function>> body =
        name == LutToDense ? function.toDense(opset) : function.gather(opset);
    if (body)
      editor.define(std::move(*body));
    return body.takeError();
  }

  SmallVector<NewAttribute, 4> attributes(ir::DataType type) const {
    return {{"to", static_cast<int64_t>(type)},
            {LutMatrixAttribute, std::vector<int64_t>{rows, columns}},
            {"group_size", static_cast<int64_t>(job.rowsPerGroup)}};
  }

  void appendTables(SmallVectorImpl<ir::Value *> &operands, ir::Graph &home) {
    for (const ir::TensorRef &table : {lut, lutScale, rowScale})
      if (table)
        operands.push_back(editor.constant(table, home));
  }

  Error readDense(const WeightUse &use) {
    const LutFunction called = function(isPacked());
    if (Error error = define(LutToDense, called))
      return error;
    // In the graph of the constants, so that nested graphs share what is looked up.
    const Place place(*use.home, *use.node);
    SmallVector<ir::Value *, 4> operands = {editor.constant(indices, *use.home)};
    appendTables(operands, *use.home);
    const ir::DataType type = computedType(use.type);
    const Dims dims = denseDims();
    SmallVector<NewAttribute, 4> attributes = this->attributes(type);
    attributes.push_back({"shape", std::vector<int64_t>(dims.begin(), dims.end())});
    ir::Value *values = editor.add({.domain = OptRunDomain,
                                    .op = LutToDense,
                                    .inputs = operands,
                                    .attributes = attributes,
                                    .type = tensorType(type, dims),
                                    .overload = called.overload()},
                                   place);
    values = editor.cast(values, type, use.type, place);
    setWeightOperand(use, values, WeightOrder::Rows, editor, place);
    return Error::success();
  }

  Error gather(const WeightUse &use) {
    const LutFunction called = function(/*packed=*/bits < 8);
    if (Error error = define(LutGather, called))
      return error;
    ir::Node &node = *use.node;
    SmallVector<ir::Value *, 5> operands = {editor.constant(packedRows, *use.home), node.input(1)};
    appendTables(operands, *use.home);
    const ir::DataType type = computedType(use.type);
    const std::string overload = called.overload();
    const SmallVector<NewAttribute, 4> attributes = this->attributes(type);
    const NewNode rowsOf = {.domain = OptRunDomain,
                            .op = LutGather,
                            .inputs = operands,
                            .attributes = attributes,
                            .type = ir::Type::tensor(type, node.output(0)->type().shape()),
                            .overload = overload};
    if (type == use.type) {
      editor.replace(node, rowsOf);
      return Error::success();
    }
    ir::Value *computed = editor.add(rowsOf, node);
    editor.replace(node, {.op = "Cast",
                          .inputs = {computed},
                          .attributes = {{"to", static_cast<int64_t>(use.type)}}});
    return Error::success();
  }

  const Weight &weight;
  const PalettizationJob &job;
  const PalettizedWeight &palettized;
  ComponentEditor &editor;
  unsigned bits;
  int64_t rows, columns;
  ir::TensorRef lut, lutScale, rowScale; // scales may be null
  ir::TensorRef indices, packedRows;     // the same bytes; packedRows is null if rows are not whole
};

} // namespace

Error rewriteUses(const Weight &weight, ArrayRef<WeightUse> uses, const PalettizationJob &job,
                  const PalettizedWeight &palettized, ComponentEditor &editor) {
  Rewriter rewriter(weight, job, palettized, editor);
  if (Error error = rewriter.createTensors())
    return error;
  for (const WeightUse &use : uses)
    if (Error error = rewriter.rewrite(use))
      return error;
  return Error::success();
}

} // namespace optrun::palettize

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writes function bodies in ONNX's textual syntax. Constants are integers in attributes, so that
/// functions hold no weight bytes.

#include "forms/LutFunction.h"

#include "optrun/Onnx/OnnxReader.h"

namespace optrun::palettize {
namespace {

using ir::DataType;

class BodyWriter {
public:
  explicit BodyWriter(const LutFunction &function) : function(function) {}

  void add(const llvm::Twine &line) { body += ("  " + line + "\n").str(); }

  /// "matrix", "rows" and what else both functions compute with.
  void addMatrix() {
    add("matrix = Constant <value_ints: ints = @matrix> ()");
    add("zero = Constant <value_int = 0> ()");
    add("one = Constant <value_int = 1> ()");
    add("rows = Gather (matrix, zero)");
    add("group_size = Constant <value_int: int = @group_size> ()");
  }

  /// "entries": \p lut as numbers of the type "to".
  void addEntries(llvm::StringRef lut, llvm::StringRef scale) {
    if (!function.hasLutScale)
      return add("entries = Cast <to: int = @to> (" + lut + ")");
    add("integers = Cast <to: int = @to> (" + lut + ")");
    add("entry_scale = Cast <to: int = @to> (" + scale + ")");
    add("entries = Mul (integers, entry_scale)");
  }

  /// "codes": the int32 indices of elements. A stream gets the \p shape; else it is that of \p
  /// indices.
  void addCodes(llvm::StringRef indices, llvm::StringRef shape) {
    if (!function.isPacked)
      return addCast("codes", DataType::Int32, indices);
    if (function.isPartial && wordBytes() > 1) {
      addWholeWords(indices);
      indices = "whole_words";
    }
    addWords(indices);
    addUnpacking();
    if (!function.isPartial)
      return add("codes = Reshape (all_codes, " + shape + ")");
    add("flat = Constant <value_ints = [-1]> ()");
    add("flat_codes = Reshape (all_codes, flat)");
    add("begin = Constant <value_ints = [0]> ()");
    add("count = ReduceProd (matrix)");
    add("own_codes = Slice (flat_codes, begin, count)");
    add("codes = Reshape (own_codes, " + shape + ")");
  }

  std::string operands(llvm::StringRef first) const {
    return (first + ", lut" + (function.hasLutScale ? ", lut_scale" : "") +
            (function.hasRowScale ? ", row_scale" : ""))
        .str();
  }

  llvm::Expected<std::unique_ptr<ir::Function>> finish(const llvm::Twine &signature,
                                                       int64_t opset) const {
    const std::string imports = ("opset_import: [\"\" : " + llvm::Twine(opset) + "]").str();
    const std::string text =
        ("<ir_version: " + llvm::Twine(LutFunctionIrVersion) + ", " + imports +
         "> g () => () {}\n<domain: \"" + OptRunDomain + "\", overload: \"" + function.overload() +
         "\", " + imports + ">\n" + signature + " {\n" + body + "}\n")
            .str();
    llvm::Expected<std::unique_ptr<ir::Component>> model = onnx::parseModelText(text);
    if (!model)
      return model.takeError();
    return std::move((*model)->functions.front());
  }

private:
  void addCast(llvm::StringRef name, DataType to, llvm::StringRef operand) {
    add(name + " = Cast <to = " + llvm::Twine(static_cast<int>(to)) + "> (" + operand + ")");
  }

  void addIntegers(const std::string &name, llvm::ArrayRef<unsigned> values, DataType type) {
    std::string list;
    for (unsigned value : values)
      list += (list.empty() ? "" : ", ") + std::to_string(value);
    add(name + "_int64 = Constant <value_ints = [" + list + "]> ()");
    addCast(name, type, name + "_int64");
  }

  unsigned wordBytes() const { return bytesInWord(function.bits); }
  DataType wordType() const { return wordBytes() == 1 ? DataType::UInt8 : DataType::UInt32; }

  /// "whole_words": the bytes of a stream of one axis, and zeros to the end of its last word.
  void addWholeWords(llvm::StringRef indices) {
    addIntegers("zeros", {0, 0}, DataType::UInt8);
    add("longer = Concat <axis = 0> (" + indices + ", zeros)");
    add("bytes = Shape (" + indices + ")");
    add("two = Constant <value_ints = [2]> ()");
    add("three = Constant <value_ints = [3]> ()");
    add("bytes_2 = Add (bytes, two)");
    add("whole = Div (bytes_2, three)");
    add("whole_bytes = Mul (whole, three)");
    add("begin_of_words = Constant <value_ints = [0]> ()");
    add("whole_words = Slice (longer, begin_of_words, whole_bytes)");
  }

  /// "words": [words, 1].
  void addWords(llvm::StringRef indices) {
    add("word_shape = Constant <value_ints = [-1, " + llvm::Twine(wordBytes()) + "]> ()");
    if (wordBytes() == 1)
      return add("words = Reshape (" + indices + ", word_shape)");
    add("word_bytes = Reshape (" + indices + ", word_shape)");
    addCast("wide_bytes", wordType(), "word_bytes");
    addIntegers("places", {1, 1 << 8, 1 << 16}, wordType());
    add("column = Constant <value_ints = [3, 1]> ()");
    add("place_values = Reshape (places, column)");
    add("words = MatMul (wide_bytes, place_values)");
  }

  /// "all_codes": [words, indices in a word]. Moved to the top of an unsigned word and from there
  /// to the bottom, an index is alone.
  void addUnpacking() {
    const unsigned wordBits = ir::bitWidth(wordType());
    llvm::SmallVector<unsigned, 8> up;
    for (unsigned begin = 0; begin != 8 * wordBytes(); begin += function.bits)
      up.push_back(wordBits - begin - function.bits);
    addIntegers("up", up, wordType());
    addIntegers("down", {wordBits - function.bits}, wordType());
    add("high = BitShift <direction = \"LEFT\"> (words, up)");
    add("low = BitShift <direction = \"RIGHT\"> (high, down)");
    addCast("all_codes", DataType::Int32, "low");
  }

  const LutFunction &function;
  std::string body;
};

} // namespace

std::string LutFunction::overload() const {
  return (isPacked ? "packed" : "uint") + std::to_string(bits) + (isPartial ? "_partial" : "") +
         (hasLutScale ? "_int8" : "") + (hasRowScale ? "_scaled" : "");
}

llvm::Expected<std::unique_ptr<ir::Function>> LutFunction::toDense(int64_t opset) const {
  BodyWriter writer(*this);
  writer.addMatrix();
  writer.addCodes("indices", "matrix");
  writer.add("row = Range (zero, rows, one)");
  writer.add("group = Div (row, group_size)");
  writer.addEntries("lut", "lut_scale");
  writer.add("row_entries = Gather (entries, group)");
  writer.add("values = GatherElements <axis = 1> (row_entries, codes)");
  writer.add("shape = Constant <value_ints: ints = @shape> ()");
  writer.add(hasRowScale ? "unscaled = Reshape (values, shape)"
                         : "dense = Reshape (values, shape)");
  if (hasRowScale) {
    writer.add("scale = Cast <to: int = @to> (row_scale)");
    writer.add("dense = Mul (unscaled, scale)");
  }
  return writer.finish(LutToDense + " <to, matrix, group_size, shape> (" +
                           writer.operands("indices") + ") => (dense)",
                       opset);
}

llvm::Expected<std::unique_ptr<ir::Function>> LutFunction::gather(int64_t opset) const {
  BodyWriter writer(*this);
  writer.addMatrix();
  // Indices say themselves which ids there are not.
  writer.add("row_indices = Gather (indices, ids)");
  writer.add("column_place = Constant <value_ints = [1]> ()");
  writer.add("columns = Gather (matrix, column_place)");
  writer.add("ids_shape = Shape (ids)");
  writer.add("row_shape = Concat <axis = 0> (ids_shape, columns)");
  writer.addCodes("row_indices", "row_shape");
  writer.add("wide_ids = Cast <to = 7> (ids)");
  writer.add("row = Mod (wide_ids, rows)"); // of negative ids, too
  writer.add("group = Div (row, group_size)");
  writer.add("group_lut = Gather (lut, group)");
  if (hasLutScale)
    writer.add("group_scale = Gather (lut_scale, group)");
  writer.addEntries("group_lut", "group_scale");
  writer.add((hasRowScale ? "unscaled" : "values") +
             llvm::StringRef(" = GatherElements <axis = -1> (entries, codes)"));
  if (hasRowScale) {
    writer.add("own_scale = Gather (row_scale, ids)");
    writer.add("scale = Cast <to: int = @to> (own_scale)");
    writer.add("values = Mul (unscaled, scale)");
  }
  return writer.finish(LutGather + " <to, matrix, group_size> (" + writer.operands("indices, ids") +
                           ") => (values)",
                       opset);
}

} // namespace optrun::palettize

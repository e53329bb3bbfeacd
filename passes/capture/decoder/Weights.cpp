// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tensors of a checkpoint by name, checked as they are asked for.

#include "decoder/Weights.h"

#include "optrun/Checkpoint/PackedBlocks.h"
#include "optrun/Compression/Weights.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace optrun::decoder {
namespace {

std::string printed(llvm::ArrayRef<int64_t> dims) {
  return "[" +
         llvm::join(llvm::map_range(dims, [](int64_t dim) { return std::to_string(dim); }), ", ") +
         "]";
}

/// Joins at most so many lines that the first is still on the screen.
std::string joinFirst(llvm::ArrayRef<std::string> lines) {
  constexpr size_t MaxShown = 12;
  std::string text = llvm::join(lines.take_front(MaxShown), "\n");
  if (lines.size() > MaxShown)
    text += "\n... and " + std::to_string(lines.size() - MaxShown) + " more like these";
  return text;
}

llvm::Expected<bool> areEqual(const ir::Tensor &left, const ir::Tensor &right) {
  constexpr uint64_t BlockBytes = uint64_t{1} << 20;
  if (left.dataType() != right.dataType() || left.dims() != right.dims())
    return false;
  std::vector<uint8_t> leftBytes(BlockBytes), rightBytes(BlockBytes);
  for (uint64_t begin = 0; begin < left.byteSize(); begin += BlockBytes) {
    const uint64_t size = std::min(BlockBytes, left.byteSize() - begin);
    const auto read = [&](const ir::Tensor &tensor, std::vector<uint8_t> &bytes) {
      return tensor.source()->read(begin, llvm::MutableArrayRef(bytes).take_front(size));
    };
    if (llvm::Error error = read(left, leftBytes))
      return std::move(error);
    if (llvm::Error error = read(right, rightBytes))
      return std::move(error);
    if (!std::equal(leftBytes.begin(), leftBytes.begin() + static_cast<ptrdiff_t>(size),
                    rightBytes.begin()))
      return false;
  }
  return true;
}

} // namespace

Weights::Weights(const CheckpointTensors &tensors, const DecoderDescription &description,
                 const DecoderOptions &options)
    : description(description), decoderOptions(options), source(tensors),
      prefix(description.root + ".") {
  for (const ir::TensorRef &tensor : tensors.tensors)
    byName.try_emplace(tensor->name(), Entry{tensor});
  const std::string table = description.embedding.module + ".weight";
  if (byName.contains(prefix + table))
    return;
  for (const std::string &other : description.otherPrefixes)
    if (byName.contains(other + table)) {
      prefix = other;
      break;
    }
}

std::string Weights::nameOf(llvm::StringRef path) const {
  if (path.consume_front(description.root + "."))
    return prefix + path.str();
  return path.str();
}

ir::TensorRef Weights::take(llvm::StringRef path, llvm::ArrayRef<int64_t> dims) {
  const std::string name = nameOf(path);
  auto found = byName.find(name);
  if (found == byName.end()) {
    problems.push_back("tensor '" + name + "' is missing; its shape should be " + printed(dims));
    return nullptr;
  }
  found->second.isKnown = true;
  const ir::TensorRef &tensor = found->second.tensor;
  if (tensor->dims() != dims) {
    problems.push_back("tensor '" + name + "' has shape " + printed(tensor->dims()) +
                       " where config.json asks for " + printed(dims));
    return nullptr;
  }
  if (!ir::isFloatingPoint(tensor->dataType())) {
    problems.push_back("tensor '" + name + "' has type " +
                       ir::dataTypeName(tensor->dataType()).str() +
                       "; weights are read as float16, bfloat16, float or double");
    return nullptr;
  }
  llvm::Expected<ir::TensorRef> result = converted(tensor);
  if (result)
    return *result;
  problems.push_back("tensor '" + name + "': " + llvm::toString(result.takeError()));
  return nullptr;
}

std::optional<PackedWeight> Weights::takePacked(llvm::StringRef path, int64_t out, int64_t in,
                                                bool inputsFirst) {
  using checkpoint::PackedBlocks;
  const std::string name = nameOf(path);
  auto found = byName.find(name);
  if (decoderOptions.precision != DecoderOptions::Precision::Keep || !source.quantizedBlocks ||
      found == byName.end())
    return std::nullopt;
  const checkpoint::QuantizedBlocks *quantized = source.quantizedBlocks(name);
  const ir::Tensor::Dims dims = inputsFirst ? ir::Tensor::Dims{in, out} : ir::Tensor::Dims{out, in};
  if (!quantized || quantized->isTransposed != inputsFirst ||
      !checkpoint::canPack(quantized->type) ||
      found->second.tensor->dims() != llvm::ArrayRef<int64_t>(dims) ||
      in % PackedBlocks::BlockSize != 0)
    return std::nullopt;
  // The tensor was decoded from the same blocks and its shape is known: nothing can fail.
  PackedBlocks packed = llvm::cantFail(checkpoint::packBlocks(quantized->blocks, quantized->type));
  const int64_t blocks = in / PackedBlocks::BlockSize;
  auto create = [&](llvm::StringRef part, ir::DataType type, ir::Tensor::Dims extents,
                    ir::TensorSourceRef bytes) {
    const std::string partName = name + "." + part.str();
    return llvm::cantFail(ir::Tensor::create(partName, type, std::move(extents), std::move(bytes)))
        ->annotated("", {{QuantizedMatrixKey.str(), name}});
  };
  PackedWeight result{packed.bits, packed.zero, {}, {}, {}};
  result.quants =
      create("quants", ir::DataType::UInt8,
             {out, blocks, PackedBlocks::BlockSize * packed.bits / 8}, std::move(packed.quants));
  result.scales = create("scales", ir::DataType::Float16, {out, blocks}, std::move(packed.scales));
  if (packed.minimums)
    result.minimums =
        create("minimums", ir::DataType::Float16, {out, blocks}, std::move(packed.minimums));
  found->second.isKnown = true;
  return result;
}

void Weights::expectCopy(llvm::StringRef copy, llvm::StringRef original) {
  auto found = byName.find(nameOf(copy)), other = byName.find(nameOf(original));
  if (found == byName.end() || other == byName.end())
    return;
  found->second.isKnown = true;
  llvm::Expected<bool> same = areEqual(*found->second.tensor, *other->second.tensor);
  if (!same)
    problems.push_back(llvm::toString(same.takeError()));
  else if (!*same)
    problems.push_back("tensor '" + nameOf(copy) + "' differs from '" + nameOf(original) +
                       "', though 'tie_word_embeddings' in config.json says that they are one: "
                       "set it to false, or remove '" +
                       nameOf(copy) + "'");
}

/// Operators of ONNX Runtime multiply 32 bits and 16 bits, not bfloat16.
ir::DataType Weights::storedTypeFor(ir::DataType type) const {
  const bool keeps = decoderOptions.precision == DecoderOptions::Precision::Keep;
  return keeps && type == ir::DataType::Float16 ? type : decoderOptions.computeType();
}

llvm::Expected<ir::TensorRef> Weights::converted(const ir::TensorRef &tensor) const {
  const ir::DataType type = storedTypeFor(tensor->dataType());
  if (type == tensor->dataType())
    return tensor;
  llvm::Expected<ir::TensorSourceRef> source =
      ir::makeCastSource(tensor->source(), tensor->dataType(), type);
  if (!source)
    return source.takeError();
  return ir::Tensor::create(tensor->name().str(), type, ir::Tensor::Dims(tensor->dims()),
                            std::move(*source));
}

llvm::Error Weights::takeProblems() {
  std::vector<std::string> unknown;
  for (const auto &entry : byName) {
    const llvm::StringRef name = entry.first();
    if (!entry.second.isKnown &&
        llvm::none_of(description.ignoredSuffixes,
                      [&](const std::string &suffix) { return name.ends_with(suffix); }))
      unknown.push_back("tensor '" + name.str() + "' is not part of the model");
  }
  llvm::sort(unknown); // the table has no order
  std::vector<std::string> all = std::move(problems);
  problems.clear();
  llvm::append_range(all, unknown);
  if (all.empty())
    return llvm::Error::success();
  return llvm::createStringError(std::errc::invalid_argument, "%s", joinFirst(all).c_str());
}

} // namespace optrun::decoder

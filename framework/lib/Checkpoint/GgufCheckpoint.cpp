// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tensors of a GGUF file as Hugging Face has them.

#include "BlockwiseSource.h"
#include "Formats.h"
#include "GgufConfig.h"
#include "Messages.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <cstring>

namespace optrun::checkpoint {
namespace {

using ir::DataType;

/// The order in which the rows of a q_proj or k_proj of \p heads heads are taken: GGUF has the two
/// halves of each head interleaved, [heads, half a head, 2]; Hugging Face has [heads, 2, half a
/// head].
std::vector<uint64_t> interleavedRows(uint64_t rows, uint64_t heads) {
  uint64_t headSize = rows / heads;
  std::vector<uint64_t> order;
  order.reserve(rows);
  for (uint64_t head = 0; head != heads; ++head)
    for (uint64_t half = 0; half != 2; ++half)
      for (uint64_t i = 0; i != headSize / 2; ++i)
        order.push_back(head * headSize + 2 * i + half);
  return order;
}

void subtractOne(const uint8_t *in, uint8_t *out, size_t count) {
  for (size_t offset = 0; offset != count * sizeof(float); offset += sizeof(float)) {
    float weight;
    std::memcpy(&weight, in + offset, sizeof(weight));
    weight -= 1;
    std::memcpy(out + offset, &weight, sizeof(weight));
  }
}

/// The weights of a norm without the 1 that was added.
llvm::Expected<ir::TensorSourceRef> withoutOne(ir::TensorSourceRef source, GgmlType type) {
  if (type != GgmlType::F32)
    return makeError("norms of this architecture must be of type F32");
  return makeBlockwiseSource(std::move(source), ggmlLayout(type), sizeof(float), subtractOne);
}

class GgufTensorReader {
public:
  GgufTensorReader(const GgufArchitecture &architecture, const GgufLayers &layers,
                   const CheckpointOptions &options)
      : architecture(architecture), layers(layers), options(options) {}

  llvm::Error addTo(Checkpoint &result, const GgufTensor &tensor) const {
    if (isRotaryFactors(tensor.name))
      return llvm::Error::success();
    std::optional<std::string> name = huggingFaceName(architecture, tensor.name, layers.count);
    if (!name)
      return makeError("a model of architecture " + architecture.name + " and " +
                       llvm::Twine(layers.count) + " layers has no such tensor");
    return add(result, tensor, *name);
  }

private:
  llvm::Error add(Checkpoint &result, const GgufTensor &tensor, const std::string &name) const {
    llvm::Expected<ir::TensorSourceRef> payload = inOrder(tensor);
    if (!payload)
      return payload.takeError();
    GgmlLayout layout = ggmlLayout(tensor.type);
    bool isQuantized = layout.plainType == DataType::Undefined;
    DataType type = isQuantized ? options.dequantizedType : layout.plainType;
    llvm::Expected<ir::TensorSourceRef> source =
        isQuantized ? makeGgufDequantizedSource(*payload, tensor.type, type) : *payload;
    if (!source)
      return source.takeError();

    ir::Tensor::Dims dims = tensor.dims;
    bool isTransposed = isTransposedLinear(tensor);
    if (isTransposed) {
      source =
          ir::makeTransposedSource(std::move(*source), dims[0], dims[1], ir::bitWidth(type) / 8);
      std::swap(dims[0], dims[1]);
    } else if (isNormPlusOne(tensor)) {
      source = withoutOne(std::move(*source), tensor.type);
    }
    if (!source)
      return source.takeError();
    llvm::Expected<ir::TensorRef> made =
        ir::Tensor::create(name, type, std::move(dims), std::move(*source));
    if (!made)
      return made.takeError();
    if (isQuantized)
      result.addQuantizedBlocks(name, {tensor.type, std::move(*payload), isTransposed});
    return result.add(std::move(*made));
  }

  /// The payload with the rows where Hugging Face has them.
  llvm::Expected<ir::TensorSourceRef> inOrder(const GgufTensor &tensor) const {
    if (!architecture.permutesQueriesAndKeys)
      return tensor.payload;
    llvm::StringRef module = llvm::StringRef(tensor.name).rsplit('.').first;
    uint64_t heads = module.ends_with(".attn_q")   ? layers.heads.queries
                     : module.ends_with(".attn_k") ? layers.heads.keys
                                                   : 0;
    if (heads == 0)
      return tensor.payload;
    auto rows = static_cast<uint64_t>(tensor.dims[0]);
    constexpr uint64_t MaxRows = uint64_t(1) << 24; // each costs a number
    if (tensor.payload->byteSize() == 0)
      return makeError("it is empty");
    if (rows % heads != 0 || rows / heads % 2 != 0 || rows > MaxRows)
      return makeError("its " + llvm::Twine(rows) + " rows are not those of " + llvm::Twine(heads) +
                       " heads of an even size");
    return ir::makeRowPermutationSource(tensor.payload, tensor.payload->byteSize() / rows,
                                        interleavedRows(rows, heads));
  }

  bool isTransposedLinear(const GgufTensor &tensor) const {
    return architecture.transposesLinears && tensor.dims.size() == 2 &&
           llvm::StringRef(tensor.name).starts_with("blk.");
  }

  bool isNormPlusOne(const GgufTensor &tensor) const {
    return architecture.addsOneToNorms && llvm::StringRef(tensor.name).ends_with("norm.weight");
  }

  const GgufArchitecture &architecture;
  const GgufLayers &layers;
  const CheckpointOptions &options;
};

llvm::Expected<const GgufArchitecture *> architectureOf(const GgufFile &file) {
  const GgufValue *value = file.find("general.architecture");
  const std::string *name = value ? std::get_if<std::string>(value) : nullptr;
  if (!name)
    return makeError("it has no key general.architecture, which says what model it is");
  const GgufArchitecture *architecture = findGgufArchitecture(*name);
  if (!architecture)
    return makeError("models of architecture " + inQuotes(*name) + " are not read; known are " +
                     knownGgufArchitectures());
  return architecture;
}

llvm::Error checkWhole(const GgufFile &file) {
  const GgufValue *value = file.find("split.count");
  const uint64_t *parts = value ? std::get_if<uint64_t>(value) : nullptr;
  if (parts && *parts > 1)
    return makeError("it is one of " + llvm::Twine(*parts) +
                     " parts; merge them first (llama-gguf-split --merge)");
  return llvm::Error::success();
}

llvm::Error fill(Checkpoint &result, const CheckpointOptions &options) {
  const GgufFile &file = *result.gguf;
  if (llvm::Error error = checkWhole(file))
    return error;
  llvm::Expected<const GgufArchitecture *> architecture = architectureOf(file);
  if (!architecture)
    return architecture.takeError();
  llvm::Expected<GgufLayers> layers = readGgufLayers(file, **architecture);
  if (!layers)
    return layers.takeError();
  GgufTensorReader reader(**architecture, *layers, options);
  for (const GgufTensor &tensor : file.tensors())
    if (llvm::Error error = reader.addTo(result, tensor))
      return inPlace("tensor " + inQuotes(tensor.name), std::move(error));
  auto embeddings = huggingFaceName(**architecture, "token_embd.weight", 0);
  ir::TensorRef table = result.find(*embeddings);
  llvm::Expected<std::string> config =
      ggufConfigJson(file, **architecture, table ? table->dataType() : options.dequantizedType);
  if (!config)
    return config.takeError();
  result.configJson = std::move(*config);
  return llvm::Error::success();
}

} // namespace

llvm::Expected<Checkpoint> openGgufCheckpoint(llvm::StringRef path,
                                              const CheckpointOptions &options) {
  llvm::SmallString<256> real;
  if (std::error_code error = llvm::sys::fs::real_path(path, real))
    return makeError("cannot resolve '" + path + "': " + error.message());
  llvm::Expected<GgufFile> file = GgufFile::open(path);
  if (!file)
    return file.takeError();
  Checkpoint result;
  result.format = Checkpoint::Format::Gguf;
  result.files.push_back(real.str().str());
  result.gguf = std::make_shared<const GgufFile>(std::move(*file));
  if (llvm::Error error = fill(result, options))
    return inPlace(path, std::move(error));
  return result;
}

} // namespace optrun::checkpoint

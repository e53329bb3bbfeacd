// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Dividing tensors among .safetensors files, and writing these.

#include "optrun/Checkpoint/SafeTensorsWriter.h"

#include "Messages.h"
#include "SafeTensorsHeader.h"

#include "optrun/IR/Payloads.h"
#include "optrun/IR/TensorOutput.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"

#include <nlohmann/json.hpp>

namespace optrun::checkpoint {
namespace {

/// Tells which tensors repeat a payload under another name.
class TiedTensors {
public:
  bool addIsNew(const ir::TensorRef &tensor) {
    if (tensor->byteSize() == 0) // nothing is not shared
      return true;
    const auto [index, isNew] = payloads.add(*tensor);
    if (isNew)
      first.push_back(tensor);
    return isNew || first[index]->dataType() != tensor->dataType() ||
           first[index]->dims() != tensor->dims();
  }

private:
  ir::PayloadIndex payloads;
  std::vector<ir::TensorRef> first; // of each payload
};

void append(SafeTensorsShard &shard, const ir::TensorRef &tensor) {
  shard.tensors.push_back(tensor);
  shard.payloadBytes += tensor->byteSize();
}

void nameFiles(std::vector<SafeTensorsShard> &shards) {
  if (shards.size() == 1) {
    shards.front().file = "model.safetensors";
    return;
  }
  for (size_t i = 0; i != shards.size(); ++i)
    shards[i].file =
        llvm::formatv("model-{0,0+5}-of-{1,0+5}.safetensors", i + 1, shards.size()).str();
}

/// `"name":{"dtype":…}`, for a tensor whose bytes begin there.
llvm::Expected<std::string> printEntry(const ir::Tensor &tensor, uint64_t begin) {
  llvm::StringRef type = safeTensorsTypeName(tensor.dataType());
  if (type.empty())
    return makeError("tensor " + inQuotes(tensor.name()) + ": a safetensors file cannot hold " +
                     "elements of type " + ir::dataTypeName(tensor.dataType()));
  if (!llvm::json::isUTF8(tensor.name()))
    return makeError("the name of tensor " + inQuotes(tensor.name()) + " is not UTF-8");
  const nlohmann::ordered_json entry = {{"dtype", type.str()},
                                        {"shape", tensor.dims().vec()},
                                        {"data_offsets", {begin, begin + tensor.byteSize()}}};
  return nlohmann::json(tensor.name().str()).dump() + ':' + entry.dump();
}

llvm::Expected<std::string>
printHeader(llvm::ArrayRef<ir::TensorRef> tensors,
            llvm::ArrayRef<std::pair<std::string, std::string>> metadata) {
  constexpr uint64_t Alignment = 8;
  nlohmann::ordered_json strings = nlohmann::ordered_json::object();
  for (const auto &[key, value] : metadata)
    strings[key] = value;
  std::string text = "{\"__metadata__\":" + strings.dump();
  uint64_t position = 0;
  for (const ir::TensorRef &tensor : tensors) {
    llvm::Expected<std::string> entry = printEntry(*tensor, position);
    if (!entry)
      return entry.takeError();
    text += ',' + *entry;
    position += tensor->byteSize();
  }
  text += '}';
  text.resize(llvm::alignTo(text.size(), Alignment), ' ');
  return text;
}

std::vector<ir::TensorRef> widestFirst(llvm::ArrayRef<ir::TensorRef> tensors) {
  std::vector<ir::TensorRef> sorted = tensors.vec();
  llvm::stable_sort(sorted, [](const ir::TensorRef &left, const ir::TensorRef &right) {
    return ir::bitWidth(left->dataType()) > ir::bitWidth(right->dataType());
  });
  return sorted;
}

} // namespace

std::vector<SafeTensorsShard> divideIntoShards(llvm::ArrayRef<ir::TensorRef> tensors,
                                               uint64_t maxBytes) {
  std::vector<SafeTensorsShard> shards;
  SafeTensorsShard current;
  const auto close = [&] {
    if (!current.tensors.empty())
      shards.push_back(std::exchange(current, {}));
  };
  TiedTensors known;
  for (const ir::TensorRef &tensor : tensors) {
    if (!known.addIsNew(tensor))
      continue;
    if (tensor->byteSize() > maxBytes) {
      append(shards.emplace_back(), tensor);
      continue;
    }
    if (current.payloadBytes > maxBytes - tensor->byteSize())
      close();
    append(current, tensor);
  }
  close();
  nameFiles(shards);
  return shards;
}

std::string printShardIndex(llvm::ArrayRef<SafeTensorsShard> shards) {
  uint64_t bytes = 0;
  nlohmann::json files = nlohmann::json::object(); // sorted by name, as the hub has it
  for (const SafeTensorsShard &shard : shards) {
    bytes += shard.payloadBytes;
    for (const ir::TensorRef &tensor : shard.tensors)
      files[tensor->name().str()] = shard.file;
  }
  const nlohmann::json index = {{"metadata", {{"total_size", bytes}}}, {"weight_map", files}};
  return index.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

llvm::Error writeSafeTensors(OutputFile &out, llvm::ArrayRef<ir::TensorRef> tensors,
                             llvm::ArrayRef<std::pair<std::string, std::string>> metadata,
                             llvm::function_ref<llvm::Error(uint64_t)> progress) {
  const std::vector<ir::TensorRef> sorted = widestFirst(tensors);
  llvm::Expected<std::string> header = printHeader(sorted, metadata);
  if (!header)
    return header.takeError();
  uint8_t length[sizeof(uint64_t)];
  llvm::support::endian::write64le(length, header->size());
  if (llvm::Error error = out.append(length))
    return error;
  if (llvm::Error error = out.append(llvm::StringRef(*header)))
    return error;
  uint64_t done = 0;
  for (const ir::TensorRef &tensor : sorted) {
    if (llvm::Error error =
            ir::appendPayload(out, *tensor, [&](uint64_t bytes) { return progress(done + bytes); }))
      return error;
    done += tensor->byteSize();
  }
  return llvm::Error::success();
}

} // namespace optrun::checkpoint

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writing in two passes: a length stands before every message, so the first pass encodes the nodes
/// to learn the size of the graph, and the second one encodes them again and writes them.

#include "optrun/Onnx/OnnxWriter.h"

#include "Encoder.h"
#include "PayloadCopy.h"
#include "ProtoSupport.h"

namespace optrun::onnx {

namespace {

class ModelWriter {
public:
  ModelWriter(const ir::Component &component, const WriteOptions &options)
      : component(component), options(options), encoder(placement) {}

  uint64_t graphSize() const {
    uint64_t size = 0;
    llvm::cantFail(encoder.forEachGraphField(component.graph, [&](const MessageBuilder &field) {
      size += field.size();
      return llvm::Error::success();
    }));
    return size;
  }

  uint64_t totalSize(uint64_t sizeOfGraph) const {
    MessageBuilder head = headAndGraphTag(sizeOfGraph);
    uint64_t size = head.size() + sizeOfGraph;
    llvm::cantFail(encoder.forEachFieldAfterGraph(component, [&](const MessageBuilder &field) {
      size += field.size();
      return llvm::Error::success();
    }));
    return size;
  }

  llvm::Error write(Encoder::Emit emit) const {
    uint64_t sizeOfGraph = graphSize();
    uint64_t size = totalSize(sizeOfGraph);
    if (size > options.maxFileSize)
      return makeError("the model would take " + llvm::Twine(size) +
                       " bytes in one ONNX file, which holds at most " +
                       llvm::Twine(options.maxFileSize) + ": store the weights as external data");
    if (auto error = emit(headAndGraphTag(sizeOfGraph)))
      return error;
    if (auto error = encoder.forEachGraphField(component.graph, emit))
      return error;
    return encoder.forEachFieldAfterGraph(component, emit);
  }

private:
  MessageBuilder headAndGraphTag(uint64_t sizeOfGraph) const {
    MessageBuilder head;
    encoder.modelHead(component, head);
    head.openField(proto::ModelProto::kGraphFieldNumber, sizeOfGraph);
    return head;
  }

  const ir::Component &component;
  const WriteOptions &options;
  std::function<TensorPlacement(const ir::Tensor &, TensorRole)> placement =
      [this](const ir::Tensor &tensor, TensorRole) -> TensorPlacement {
    auto place = options.external.find(&tensor);
    if (place == options.external.end())
      return {};
    return {TensorPlacement::External, place->second};
  };
  Encoder encoder;
};

} // namespace

llvm::Expected<uint64_t> serializedSize(const ir::Component &component,
                                        const WriteOptions &options) {
  ModelWriter writer(component, options);
  return writer.totalSize(writer.graphSize());
}

llvm::Error writeModel(const ir::Component &component, OutputFile &file,
                       const WriteOptions &options) {
  MessageWriter output(file, options.progress);
  auto error = ModelWriter(component, options).write([&](const MessageBuilder &message) {
    return output.write(message);
  });
  if (!error)
    error = output.flush();
  if (error)
    return makeError(file.path() + ": " + llvm::toString(std::move(error)));
  return llvm::Error::success();
}

llvm::Expected<std::vector<uint8_t>> writeModelToMemory(const ir::Component &component,
                                                        const WriteOptions &options) {
  std::string bytes;
  auto error = ModelWriter(component, options).write([&](const MessageBuilder &message) {
    return appendTo(bytes, message);
  });
  if (error)
    return error;
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

} // namespace optrun::onnx

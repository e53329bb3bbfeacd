// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// make-decoder OUTPUT.onnx [--layers N] [--hidden N] [--intermediate N] [--vocabulary N]
/// [--inline]
///
/// Writes a decoder in half precision with random weights: matrices of the shapes and names of a
/// Llama-like model, with gating instead of attention, so that its nodes are few. Weights go to
/// OUTPUT.onnx.data, or into the .onnx file with --inline.

#include "optrun/Onnx/OnnxWriter.h"
#include "optrun/Support/ByteSize.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <map>

using namespace llvm;
using namespace optrun;

namespace {

struct Shape {
  int64_t layers = 4, hidden = 64, intermediate = 128, vocabulary = 256;
};

/// Pseudo-random half-precision numbers around 1/64. Real bytes: sparse files or zeros would
/// flatter whoever copies them.
class Weights final : public ir::TensorSource {
public:
  Weights(uint64_t bytes, uint64_t seed) : bytes(bytes), seed(seed) {}
  uint64_t byteSize() const override { return bytes; }
  Error read(uint64_t offset, MutableArrayRef<uint8_t> out) const override {
    for (size_t i = 0; i < out.size(); i += 2) {
      uint64_t z = (seed << 32) + offset + i;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
      constexpr unsigned Exponent = 0x20; // 2^-7 … 2^-6
      out[i] = static_cast<uint8_t>(z >> 40);
      if (i + 1 < out.size())
        out[i + 1] = static_cast<uint8_t>(((z >> 60) & 1) << 7 | Exponent | ((z >> 50) & 3));
    }
    return Error::success();
  }

private:
  uint64_t bytes, seed;
};

class Builder {
public:
  explicit Builder(const Shape &shape) : shape(shape), graph(component.graph) {
    component.irVersion = 8;
    component.opsets = {{"", 17}};
    component.producerName = "make-decoder";
    graph.name = "decoder";
  }

  ir::Component &build() {
    ir::Dimension batch{std::nullopt, "batch", ""}, sequence{std::nullopt, "sequence", ""};
    ir::Value *ids =
        value("input_ids", ir::Type::tensor(ir::DataType::Int64, ir::Shape{batch, sequence}));
    graph.markInput(*ids);
    ir::Value *hidden =
        node("Gather", "/model/embed_tokens/Gather",
             {weight("model.embed_tokens.weight", {shape.vocabulary, shape.hidden}), ids});
    for (int64_t i = 0; i != shape.layers; ++i)
      hidden = layer(hidden, i);
    hidden = normalize(hidden, "model.norm", "/model/norm");
    ir::Value *logits = product(hidden, "lm_head", "/lm_head", shape.hidden, shape.vocabulary);
    cantFail(graph.renameValue(*logits, "logits"));
    logits->setType(ir::Type::tensor(ir::DataType::Float16,
                                     ir::Shape{batch, sequence, {shape.vocabulary, "", ""}}));
    graph.markOutput(*logits);
    return component;
  }

private:
  ir::Value *value(const std::string &name, ir::Type type = {}) {
    return cantFail(graph.addValue(name, std::move(type)));
  }

  ir::Value *weight(const std::string &name, ir::Tensor::Dims dims) {
    uint64_t bytes = 2;
    for (int64_t extent : dims)
      bytes *= static_cast<uint64_t>(extent);
    ir::Value *result = value(name);
    graph.setInitializer(*result,
                         cantFail(ir::Tensor::create(name, ir::DataType::Float16, dims,
                                                     std::make_shared<Weights>(bytes, ++seed))));
    return result;
  }

  ir::Value *node(StringRef op, const std::string &name, ArrayRef<ir::Value *> inputs) {
    ir::Value *output = value(name + "_output_0");
    ir::NodeSpec spec;
    spec.opType = op;
    spec.name = name;
    spec.inputs = inputs;
    spec.outputs = output;
    cantFail(graph.addNode(spec));
    return output;
  }

  ir::Value *product(ir::Value *input, const std::string &module, const std::string &scope,
                     int64_t rows, int64_t columns) {
    return node("MatMul", scope + "/MatMul", {input, weight(module + ".weight", {rows, columns})});
  }

  ir::Value *normalize(ir::Value *input, const std::string &module, const std::string &scope) {
    return node("LayerNormalization", scope + "/LayerNormalization",
                {input, weight(module + ".weight", {shape.hidden})});
  }

  ir::Value *layer(ir::Value *input, int64_t index) {
    std::string module = "model.layers." + std::to_string(index);
    std::string scope = "/model/layers." + std::to_string(index);
    auto project = [&](ir::Value *from, const std::string &part, const std::string &name,
                       int64_t rows, int64_t columns) {
      return product(from, module + "." + part + "." + name, scope + "/" + part + "/" + name, rows,
                     columns);
    };
    int64_t width = shape.hidden, inner = shape.intermediate;
    ir::Value *x = normalize(input, module + ".input_layernorm", scope + "/input_layernorm");
    ir::Value *query = project(x, "self_attn", "q_proj", width, width);
    ir::Value *key = project(x, "self_attn", "k_proj", width, width);
    ir::Value *values = project(x, "self_attn", "v_proj", width, width);
    x = node("Add", scope + "/self_attn/Add", {query, key});
    x = node("Sigmoid", scope + "/self_attn/Sigmoid", {x});
    x = node("Mul", scope + "/self_attn/Mul", {x, values});
    x = project(x, "self_attn", "o_proj", width, width);
    ir::Value *middle = node("Add", scope + "/Add", {input, x});

    x = normalize(middle, module + ".post_attention_layernorm",
                  scope + "/post_attention_layernorm");
    ir::Value *gate = project(x, "mlp", "gate_proj", width, inner);
    ir::Value *up = project(x, "mlp", "up_proj", width, inner);
    gate = node("Sigmoid", scope + "/mlp/act_fn/Sigmoid", {gate});
    x = node("Mul", scope + "/mlp/Mul", {gate, up});
    x = project(x, "mlp", "down_proj", inner, width);
    return node("Add", scope + "/Add_1", {middle, x});
  }

  Shape shape;
  ir::Component component;
  ir::Graph &graph;
  uint64_t seed = 0;
};

/// Writes the weights one after the other, as exporters do.
Error writeWeights(const ir::Component &component, const std::string &path,
                   onnx::WriteOptions &options) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  std::string name = sys::path::filename(path).str();
  for (const ir::Value *value : component.graph.initializers()) {
    const ir::Tensor &tensor = *value->tensor();
    options.external[&tensor] = {name, file->position(), tensor.byteSize()};
    Error error =
        tensor.forEachBlock(1 << 20, [&](ArrayRef<uint8_t> block) { return file->append(block); });
    if (error)
      return error;
  }
  return file->close();
}

Error write(const Shape &shape, const std::string &output, bool inlineWeights) {
  Builder builder(shape);
  ir::Component &component = builder.build();
  onnx::WriteOptions options;
  if (!inlineWeights)
    if (Error error = writeWeights(component, output + ".data", options))
      return error;
  Expected<OutputFile> file = OutputFile::create(output);
  if (!file)
    return file.takeError();
  if (Error error = onnx::writeModel(component, *file, options))
    return error;
  if (Error error = file->close())
    return error;
  outs() << output << ": " << formatByteSize(ir::weightBytes(component)) << " of weights\n";
  return Error::success();
}

int usage() {
  errs() << "usage: make-decoder OUTPUT.onnx [--layers N] [--hidden N] [--intermediate N] "
            "[--vocabulary N] [--inline]\n";
  return 2;
}

} // namespace

int main(int argc, char **argv) {
  Shape shape;
  std::map<StringRef, int64_t *> options = {{"--layers", &shape.layers},
                                            {"--hidden", &shape.hidden},
                                            {"--intermediate", &shape.intermediate},
                                            {"--vocabulary", &shape.vocabulary}};
  std::string output;
  bool inlineWeights = false;
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    if (auto option = options.find(argument); option != options.end()) {
      if (++i == argc || StringRef(argv[i]).getAsInteger(10, *option->second) ||
          *option->second <= 0)
        return usage();
    } else if (argument == "--inline") {
      inlineWeights = true;
    } else if (output.empty() && !argument.starts_with("-")) {
      output = argument.str();
    } else {
      return usage();
    }
  }
  if (output.empty())
    return usage();
  if (Error error = write(shape, output, inlineWeights)) {
    errs() << "make-decoder: " << toString(std::move(error)) << '\n';
    return 1;
  }
  return 0;
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// make-decoder OUTPUT.onnx [--layers N] [--hidden N] [--intermediate N] [--vocabulary N]
/// [--fused] [--inline | --sparse]
///
/// Writes a decoder in half precision with random weights: matrices of the shapes and names of a
/// Llama-like model, with gating instead of attention, so that its nodes are few. With --fused,
/// query, key and value are one matrix, as are gate and up, as in Phi-3. Weights go to
/// OUTPUT.onnx.data, or into the .onnx file with --inline; with --sparse they are zeros that take
/// no room on the disk.

#include "RandomWeights.h"

#include "optrun/Onnx/OnnxWriter.h"
#include "optrun/Support/ByteSize.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <filesystem>
#include <map>

using namespace llvm;
using namespace optrun;

namespace {

struct Shape {
  int64_t layers = 4, hidden = 64, intermediate = 128, vocabulary = 256;
  bool fused = false;
};

enum class Placement { External, Sparse, Inline };

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
    constexpr ir::DataType Type = ir::DataType::Float16;
    graph.setInitializer(
        *result, cantFail(ir::Tensor::create(name, Type, dims,
                                             test::makeRandomWeights(Type, bytes, ++seed))));
    return result;
  }

  std::vector<ir::Value *> nodes(StringRef op, const std::string &name,
                                 ArrayRef<ir::Value *> inputs, size_t results) {
    std::vector<ir::Value *> outputs;
    for (size_t i = 0; i < results; ++i)
      outputs.push_back(value(name + "_output_" + std::to_string(i)));
    ir::NodeSpec spec;
    spec.opType = op;
    spec.name = name;
    spec.inputs = inputs;
    spec.outputs = outputs;
    cantFail(graph.addNode(spec));
    return outputs;
  }

  ir::Value *node(StringRef op, const std::string &name, ArrayRef<ir::Value *> inputs) {
    return nodes(op, name, inputs, 1).front();
  }

  /// Equal parts along the last axis.
  std::vector<ir::Value *> split(const std::string &name, ir::Value *input, size_t parts) {
    std::vector<ir::Value *> outputs = nodes("Split", name, {input}, parts);
    outputs.front()->producer()->attributes().push_back(ir::Attribute("axis", int64_t(-1)));
    return outputs;
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
    std::vector<ir::Value *> heads;
    if (shape.fused)
      heads = split(scope + "/self_attn/Split",
                    project(x, "self_attn", "qkv_proj", width, 3 * width), 3);
    else
      for (const char *name : {"q_proj", "k_proj", "v_proj"})
        heads.push_back(project(x, "self_attn", name, width, width));
    x = node("Add", scope + "/self_attn/Add", {heads[0], heads[1]});
    x = node("Sigmoid", scope + "/self_attn/Sigmoid", {x});
    x = node("Mul", scope + "/self_attn/Mul", {x, heads[2]});
    x = project(x, "self_attn", "o_proj", width, width);
    ir::Value *middle = node("Add", scope + "/Add", {input, x});

    x = normalize(middle, module + ".post_attention_layernorm",
                  scope + "/post_attention_layernorm");
    std::vector<ir::Value *> wide;
    if (shape.fused)
      wide = split(scope + "/mlp/Split", project(x, "mlp", "gate_up_proj", width, 2 * inner), 2);
    else
      for (const char *name : {"gate_proj", "up_proj"})
        wide.push_back(project(x, "mlp", name, width, inner));
    ir::Value *gate = node("Sigmoid", scope + "/mlp/act_fn/Sigmoid", {wide[0]});
    x = node("Mul", scope + "/mlp/Mul", {gate, wide[1]});
    x = project(x, "mlp", "down_proj", inner, width);
    return node("Add", scope + "/Add_1", {middle, x});
  }

  Shape shape;
  ir::Component component;
  ir::Graph &graph;
  uint64_t seed = 0;
};

/// Places the weights one after the other, as exporters do, in a file that is one hole.
Error writeHoles(const ir::Component &component, const std::string &path,
                 onnx::WriteOptions &options) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  if (Error error = file->close())
    return error;
  const std::string name = sys::path::filename(path).str();
  uint64_t end = 0;
  for (const ir::Value *value : component.graph.initializers()) {
    const ir::Tensor &tensor = *value->tensor();
    options.external[&tensor] = {name, end, tensor.byteSize()};
    end += tensor.byteSize();
  }
  std::error_code error;
  std::filesystem::resize_file(path, end, error);
  return errorCodeToError(error);
}

/// The same with their bytes.
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

Error write(const Shape &shape, const std::string &output, Placement placement) {
  Builder builder(shape);
  ir::Component &component = builder.build();
  onnx::WriteOptions options;
  if (placement != Placement::Inline) {
    auto *place = placement == Placement::Sparse ? writeHoles : writeWeights;
    if (Error error = place(component, output + ".data", options))
      return error;
  }
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
            "[--vocabulary N] [--fused] [--inline | --sparse]\n";
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
  Placement placement = Placement::External;
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    if (auto option = options.find(argument); option != options.end()) {
      if (++i == argc || StringRef(argv[i]).getAsInteger(10, *option->second) ||
          *option->second <= 0)
        return usage();
    } else if (argument == "--inline") {
      placement = Placement::Inline;
    } else if (argument == "--sparse") {
      placement = Placement::Sparse;
    } else if (argument == "--fused") {
      shape.fused = true;
    } else if (output.empty() && !argument.starts_with("-")) {
      output = argument.str();
    } else {
      return usage();
    }
  }
  if (output.empty())
    return usage();
  if (Error error = write(shape, output, placement)) {
    errs() << "make-decoder: " << toString(std::move(error)) << '\n';
    return 1;
  }
  return 0;
}

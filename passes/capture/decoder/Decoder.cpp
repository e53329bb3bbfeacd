// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Puts the blocks of a decoder together.

#include "decoder/Decoder.h"

#include "decoder/Attention.h"
#include "decoder/Matrices.h"

namespace optrun::decoder {
namespace {

constexpr llvm::StringLiteral Batch = "batch_size";
constexpr llvm::StringLiteral Sequence = "sequence_length";
constexpr llvm::StringLiteral Past = "past_sequence_length";
constexpr llvm::StringLiteral PastAndSequence = "past_sequence_length + sequence_length";

ir::Dimension symbol(llvm::StringRef name) { return {.symbol = name.str()}; }
ir::Dimension extent(int64_t size) { return {.extent = size}; }

class DecoderGraph {
public:
  DecoderGraph(const DecoderDescription &model, ModuleBuilder &build, Weights &weights)
      : model(model), build(build), weights(weights), context{build, model},
        withCache(build.options().withCache) {}

  void run() {
    addInputs();
    ir::Value *hidden = nullptr;
    {
      auto scope = build.enter(model.root);
      hidden = embed();
      const auto masks = buildMasks(context, inputIds, attentionMask);
      const RotaryTables rotary = buildRotaryTables(context, positionIds);
      for (int64_t layer = 0; layer < model.layerCount; ++layer)
        hidden = addLayer(layer, hidden, masks.at(model.windows[layer]), rotary);
      hidden = norm(context, model.finalNorm, hidden, model.hiddenSize);
    }
    addHead(hidden);
    for (int64_t layer = 0; withCache && layer < model.layerCount; ++layer) {
      const std::string name = "present." + std::to_string(layer);
      build.output(*present[layer].keys, name + ".key", build.computeType(), cacheShape(false));
      build.output(*present[layer].values, name + ".value", build.computeType(), cacheShape(false));
    }
  }

private:
  ir::Shape cacheShape(bool isPast) const {
    const AttentionDescription &attention = model.attention;
    return {symbol(Batch), extent(attention.keyValueHeads), symbol(isPast ? Past : PastAndSequence),
            extent(attention.headSize)};
  }

  void addInputs() {
    constexpr ir::DataType Int64 = ir::DataType::Int64;
    const ir::Shape tokens = {symbol(Batch), symbol(Sequence)};
    inputIds = build.input("input_ids", Int64, tokens);
    attentionMask =
        build.input("attention_mask", Int64,
                    withCache ? ir::Shape{symbol(Batch), symbol(PastAndSequence)} : tokens);
    positionIds = build.input("position_ids", Int64, tokens);
    past.resize(model.layerCount);
    for (int64_t layer = 0; withCache && layer < model.layerCount; ++layer) {
      const std::string name = "past_key_values." + std::to_string(layer);
      past[layer].keys = build.input(name + ".key", build.computeType(), cacheShape(true));
      past[layer].values = build.input(name + ".value", build.computeType(), cacheShape(true));
    }
  }

  ir::Value *lookUp(llvm::StringRef module, int64_t rows, int64_t width, ir::Value *indices) {
    auto scope = build.enter(module);
    return takeRows(build, build.matrix("weight", rows, width, /*inputsFirst=*/false), indices);
  }

  ir::Value *embed() {
    const EmbeddingDescription &embedding = model.embedding;
    ir::Value *hidden = lookUp(embedding.module, model.vocabularySize, embedding.width, inputIds);
    if (embedding.factor)
      hidden = build.add("Mul", {hidden, build.number(*embedding.factor)});
    if (embedding.width != model.hiddenSize)
      hidden = projectTokens(embedding.projectionIn, hidden, embedding.width, model.hiddenSize);
    if (embedding.positions)
      hidden = build.add("Add", {hidden, embedPositions(*embedding.positions)});
    return hidden;
  }

  ir::Value *embedPositions(const PositionTable &table) {
    ir::Value *rows = positionIds;
    if (table.offset != 0)
      rows = build.add("Add", {rows, build.integer(table.offset)});
    return lookUp(table.module, table.rows, model.hiddenSize, rows);
  }

  ir::Value *projectTokens(llvm::StringRef module, ir::Value *tokens, int64_t in, int64_t out) {
    ir::Value *rows =
        project(context, module, flatten(build, tokens, in), in, out, /*hasBias=*/false);
    return build.add("Reshape", {rows, tokenShape(build, tokens, {out})});
  }

  ir::Value *addLayer(int64_t layer, ir::Value *hidden, ir::Value *mask,
                      const RotaryTables &rotary) {
    auto scope = build.enter(model.layers + "." + std::to_string(layer));
    hidden = addHalf(model.attentionNorms, hidden, [&](ir::Value *tokens) {
      const AttentionResult result = attend(context, tokens, rotary, mask, past[layer]);
      present.push_back(result.present);
      return result.tokens;
    });
    return addHalf(model.feedForwardNorms, hidden,
                   [&](ir::Value *tokens) { return feedForward(context, tokens); });
  }

  ir::Value *addHalf(const HalfNorms &norms, ir::Value *hidden,
                     llvm::function_ref<ir::Value *(ir::Value *)> half) {
    const int64_t width = model.hiddenSize;
    ir::Value *result = half(norm(context, norms.before, hidden, width));
    result = norm(context, norms.after, result, width);
    return norm(context, norms.sum, build.add("Add", {hidden, result}), width);
  }

  void addHead(ir::Value *hidden) {
    const int64_t width = model.embedding.width, vocabulary = model.vocabularySize;
    if (width != model.hiddenSize) {
      auto scope = build.enter(model.root);
      hidden = projectTokens(model.embedding.projectionOut, hidden, model.hiddenSize, width);
    }
    std::optional<Matrix> weight = tiedWeight();
    auto scope = build.enter(model.head.module);
    if (!weight)
      weight = build.matrix("weight", vocabulary, width, /*inputsFirst=*/false);
    ir::Value *rows = multiply(build, flatten(build, hidden, width), *weight);
    rows = softcap(build, rows, model.head.softcap);
    ir::Value *logits = build.add("Reshape", {rows, tokenShape(build, hidden, {vocabulary})});
    build.output(*logits, "logits", build.computeType(),
                 {symbol(Batch), symbol(Sequence), extent(vocabulary)});
  }

  /// The table of embeddings, when it is the head's weight.
  std::optional<Matrix> tiedWeight() {
    const std::string own = model.head.module + ".weight";
    if (!model.head.isTied.value_or(!weights.has(own)))
      return std::nullopt;
    // Some checkpoints store the same numbers again.
    weights.expectCopy(own, model.root + "." + model.embedding.module + ".weight");
    auto root = build.enter(model.root);
    auto table = build.enter(model.embedding.module);
    return build.matrix("weight", model.vocabularySize, model.embedding.width,
                        /*inputsFirst=*/false);
  }

  const DecoderDescription &model;
  ModuleBuilder &build;
  Weights &weights;
  const DecoderContext context;
  const bool withCache;
  ir::Value *inputIds = nullptr, *attentionMask = nullptr, *positionIds = nullptr;
  std::vector<KeyValues> past, present; // by layer
};

} // namespace

llvm::Expected<std::unique_ptr<ir::Component>> buildDecoder(const DecoderDescription &description,
                                                            const CheckpointTensors &tensors,
                                                            const DecoderOptions &options) {
  constexpr int64_t IrVersionOfOpset21 = 10, IrVersionOfOpset23 = 11;
  auto component = std::make_unique<ir::Component>();
  component->irVersion = options.usesFusedOperators() ? IrVersionOfOpset23 : IrVersionOfOpset21;
  component->opsets = {{"", options.opset}};
  component->producerName = "OptRun";
  component->graph.name = "decoder";
  Weights weights(tensors, description, options);
  ModuleBuilder build(*component, weights);
  DecoderGraph(description, build, weights).run();
  if (llvm::Error error = weights.takeProblems())
    return error;
  return component;
}

} // namespace optrun::decoder

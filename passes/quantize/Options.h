// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of quantize.

#ifndef OPTRUN_PASSES_QUANTIZE_OPTIONS_H
#define OPTRUN_PASSES_QUANTIZE_OPTIONS_H

#include "WeightSettings.h"

#include "optrun/Compression/SelectionOptions.h"
#include "optrun/Options/Options.h"

namespace optrun::quantize {

enum class Kind { Weights, Dynamic, Static };
enum class Format { Qdq, Operator };

/// What can be said of all weights, and of some by a rule.
template <typename Binder, typename Owner> void bindWeightOptions(Binder &bind) {
  using ir::DataType;
  bind.option("dtype", &Owner::dtype, "The integers that weights are rounded to.")
      .values({{"int8", DataType::Int8},
               {"uint8", DataType::UInt8},
               {"int4", DataType::Int4},
               {"uint4", DataType::UInt4},
               {"int2", DataType::Int2},
               {"uint2", DataType::UInt2}});
  bind.option("mode", &Owner::mode, "Where zero lies.")
      .values({{"symmetric", Mode::Symmetric, "in the middle of the integers"},
               {"asymmetric", Mode::Asymmetric,
                "where the range of the weights has it: a zero point is stored with each scale"}});
  bind.option("granularity", &Owner::granularity,
              "What shares a scale. By default blocks in 4 and 2 bits and where block-size or "
              "format: operator are given, else channels.")
      .values({{"per-tensor", Granularity::PerTensor, "a whole weight"},
               {"per-channel", Granularity::PerChannel,
                "an output channel, or an entry of an embedding"},
               {"per-block", Granularity::PerBlock,
                "block-size consecutive inputs of an output channel"}});
  bind.option("block-size", &Owner::blockSize,
              "Weights in a block, 32 by default. The last block of a channel may be shorter.")
      .range(2, int64_t{1} << 30);
  bind.option("method", &Owner::method, "How scales and zero points are found.")
      .values(
          {{"rtn", Method::Rtn, "from the range of the weights: round to nearest"},
           {"search", Method::Search,
            "the best of several by squared error, weighted with the importance of the inputs "
            "where a pass before has measured it"},
           {"hqq", Method::Hqq, "half-quadratic: few large errors rather than many small ones"}});
}

struct QuantizeRule {
  std::string match;
  bool skip = false;
  std::optional<ir::DataType> dtype;
  std::optional<Mode> mode;
  std::optional<Granularity> granularity;
  std::optional<int64_t> blockSize;
  std::optional<Method> method;

  bool changesSettings() const { return dtype || mode || granularity || blockSize || method; }

  static void bind(OptionBinder<QuantizeRule> &bind) {
    bindRule<QuantizeRule>(bind);
    bindWeightOptions<OptionBinder<QuantizeRule>, QuantizeRule>(bind);
  }
};

struct QuantizeOptions {
  ir::DataType dtype = ir::DataType::Int8;
  Mode mode = Mode::Symmetric;
  std::optional<Granularity> granularity;
  std::optional<int64_t> blockSize;
  Method method = Method::Rtn;
  Kind kind = Kind::Weights;
  Format format = Format::Qdq;
  std::vector<std::string> include, exclude;
  std::vector<QuantizeRule> rules;
  int64_t minElements = 2048;
  std::optional<int64_t> accuracyLevel;

  static void bind(OptionBinder<QuantizeOptions> &bind) {
    using O = QuantizeOptions;
    bindWeightOptions<OptionBinder<O>, O>(bind);
    bind.option("kind", &O::kind, "What is quantized.")
        .values({{"weights", Kind::Weights, "weights alone; activations stay what they are"},
                 {"dynamic", Kind::Dynamic,
                  "activations, too, by their range as they come: products are computed in 8 bits"},
                 {"static", Kind::Static,
                  "activations, too, by ranges that were measured (not finished yet)"}});
    bind.option("format", &O::format, "The operators that quantized weights are stored for.")
        .values({{"qdq", Format::Qdq, "ONNX's DequantizeLinear, which runtimes fuse"},
                 {"operator", Format::Operator,
                  "com.microsoft's MatMulNBits and GatherBlockQuantized, in blocks of 16, 32, "
                  "64, 128 or 256; DequantizeLinear for weights that have no such operator"}});
    bindSelection<O>(bind);
    bind.option("accuracy-level", &O::accuracyLevel,
                "With format: operator, what MatMulNBits computes in: 0 as the runtime likes, 1 "
                "float, 2 float16, 3 bfloat16, 4 int8.")
        .range(0, 4);
  }
};

/// The settings of weights that \p rule applies to; null: that no rule applies to.
WeightSettings settingsFor(const QuantizeOptions &options, const QuantizeRule *rule);

/// Options that fit together in no way.
std::vector<OptionProblem> findProblems(const QuantizeOptions &options);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_OPTIONS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The table of com.microsoft operators with the functions that infer their shapes.

#include "ContribSchemas.h"

#include "AmendedSchemas.h"
#include "ContribShapes.h"

namespace optrun::onnx {

namespace {

struct ContribOperator {
  const char *name;
  void (*infer)(NodeTypes &);
};

constexpr ContribOperator operators[] = {
    {"Attention", inferAttention},
    {"BiasAdd", inferLikeFirstInput},
    {"BiasDropout", inferBiasDropout},
    {"BiasGelu", inferLikeFirstInput},
    {"BiasSoftmax", inferLikeFirstInput},
    {"BiasSplitGelu", inferBiasSplitGelu},
    {"DecoderMaskedMultiHeadAttention", inferDecoderMaskedMultiHeadAttention},
    {"DecoderMaskedSelfAttention", inferAttention},
    {"DequantizeLinear", inferDequantizeLinear},
    {"DynamicQuantizeMatMul", inferDynamicQuantizeMatMul},
    {"EmbedLayerNormalization", inferEmbedLayerNormalization},
    {"FastGelu", inferLikeFirstInput},
    {"FusedMatMul", inferFusedMatMul},
    {"FusedMatMulActivation", inferFusedMatMul},
    {"GatherBlockQuantized", inferGatherBlockQuantized},
    {"Gelu", inferLikeFirstInput},
    {"GridSample", inferGridSample},
    {"GroupQueryAttention", inferGroupQueryAttention},
    {"Inverse", inferLikeFirstInput},
    {"LayerNormalization", inferLayerNormalization},
    {"MatMulBnb4", inferMatMulNBits},
    {"MatMulInteger16", inferMatMulInteger16},
    {"MatMulIntegerToFloat", inferMatMulIntegerToFloat},
    {"MatMulNBits", inferMatMulNBits},
    {"MoE", inferLikeFirstInput},
    {"MultiHeadAttention", inferMultiHeadAttention},
    {"QAttention", inferQAttention},
    {"QGemm", inferQGemm},
    {"QLinearAdd", inferQLinearBinary},
    {"QLinearConcat", inferQLinearConcat},
    {"QLinearGlobalAveragePool", inferQLinearGlobalAveragePool},
    {"QLinearLeakyRelu", inferLikeFirstInput},
    {"QLinearMul", inferQLinearBinary},
    {"QLinearReduceMean", inferQLinearReduceMean},
    {"QLinearSigmoid", inferLikeFirstInput},
    {"QLinearSoftmax", inferLikeFirstInput},
    {"QLinearWhere", inferQLinearWhere},
    {"QMoE", inferLikeFirstInput},
    {"QuantizeLinear", inferQuantizeLinear},
    {"QuickGelu", inferLikeFirstInput},
    {"RotaryEmbedding", inferLikeFirstInput},
    {"SimplifiedLayerNormalization", inferLayerNormalization},
    {"SkipLayerNormalization", inferSkipLayerNormalization},
    {"SkipSimplifiedLayerNormalization", inferSkipLayerNormalization},
    {"SparseAttention", inferSparseAttention},
    {"TransposeMatMul", inferFusedMatMul},
    {"Trilu", inferLikeFirstInput},
};

class Registry final : public proto::ISchemaRegistry {
public:
  Registry() {
    for (const ContribOperator &contrib : operators) {
      proto::OpSchema schema(contrib.name, __FILE__, __LINE__);
      schema.SetDomain(ContribDomain.str())
          .SinceVersion(1)
          .TypeAndShapeInferenceFunction([infer = contrib.infer](proto::InferenceContext &context) {
            NodeTypes types(context);
            infer(types);
          });
      contribSchemas.emplace(contrib.name, std::move(schema));
    }
  }

  // NOLINTNEXTLINE(google-default-arguments): the base class has it.
  const proto::OpSchema *GetSchema(const std::string &name, int version,
                                   const std::string &domain = "") const override {
    if (domain != ContribDomain) {
      const proto::OpSchema *schema =
          proto::OpSchemaRegistry::Instance()->GetSchema(name, version, domain);
      if (!schema || !schema->domain().empty())
        return schema;
      auto amended = amendedSchemas.find(name);
      return amended == amendedSchemas.end() ? schema : &amended->second.at(schema->SinceVersion());
    }
    auto found = contribSchemas.find(name);
    return found == contribSchemas.end() ? nullptr : &found->second;
  }

  bool knows(const std::string &name) const { return contribSchemas.count(name) != 0; }

private:
  std::unordered_map<std::string, proto::OpSchema> contribSchemas;
  const std::map<std::string, SchemaVersions> amendedSchemas = makeAmendedSchemas();
};

const Registry &registry() {
  static const Registry instance;
  return instance;
}

} // namespace

const proto::ISchemaRegistry &schemasWithContrib() { return registry(); }

bool isContribOperator(llvm::StringRef opType) { return registry().knows(opType.str()); }

} // namespace optrun::onnx

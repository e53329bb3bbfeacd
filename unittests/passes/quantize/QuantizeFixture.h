// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models in ONNX's text, quantized.

#ifndef OPTRUN_UNITTESTS_PASSES_QUANTIZE_QUANTIZEFIXTURE_H
#define OPTRUN_UNITTESTS_PASSES_QUANTIZE_QUANTIZEFIXTURE_H

#include "PackageQuantizer.h"
#include "TestSupport/ModelDiff.h"
#include "TestSupport/PassBody.h"
#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"

#include <gmock/gmock.h>

namespace optrun::test {

/// A package, what became of it, and what was said.
struct Quantized {
  ir::Package package;
  std::vector<CompressedWeight> weights;
  std::string error; ///< empty for success
  std::vector<std::string> messages;

  const ir::Component &model() const { return *package.components.front(); }
};

class QuantizeTest : public testing::Test {
protected:
  /// All weights, however small.
  static quantize::QuantizeOptions options() {
    quantize::QuantizeOptions options;
    options.minElements = 0;
    return options;
  }

  static std::unique_ptr<ir::Component> model(const std::string &graph, int opset = 21) {
    return parseModel("<ir_version: 10, opset_import: [\"\" : " + std::to_string(opset) + "]> " +
                      graph);
  }
  /// With com.microsoft's operators, imported behind ONNX's.
  static std::unique_ptr<ir::Component> microsoftModel(const std::string &graph) {
    return parseModel(R"(<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1]> )" + graph);
  }

  static void quantizeAll(Quantized &quantized, const quantize::QuantizeOptions &options) {
    Diagnostics diagnostics(nullptr);
    quantized.error = runBody(
        [&](PassContext &context) -> llvm::Error {
          auto weights = quantize::quantizePackage(quantized.package, options, context);
          if (weights)
            quantized.weights = std::move(*weights);
          return weights.takeError();
        },
        {}, diagnostics);
    for (const Diagnostic &diagnostic : diagnostics.all())
      quantized.messages.push_back(diagnostic.message);
    for (const std::unique_ptr<ir::Component> &component : quantized.package.components) {
      EXPECT_EQ(errorOf(ir::verifyGraph(component->graph)), "");
      EXPECT_EQ(errorOf(onnx::checkModel(*component)), "");
    }
  }

  static Quantized quantizeModel(std::unique_ptr<ir::Component> model,
                                 const quantize::QuantizeOptions &options) {
    Quantized quantized;
    quantized.package.components.push_back(std::move(model));
    quantizeAll(quantized, options);
    return quantized;
  }
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_PASSES_QUANTIZE_QUANTIZEFIXTURE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models in ONNX's text, compressed.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_COMPRESSIONTEST_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_COMPRESSIONTEST_H

#include "TestSupport/ModelDiff.h"
#include "TestSupport/PassBody.h"
#include "TestSupport/TestModels.h"

#include "optrun/Compression/CompressionReport.h"
#include "optrun/Onnx/Checks.h"

#include <gmock/gmock.h>

namespace optrun::test {

/// A package, what became of it, and what was said.
struct Compressed {
  ir::Package package;
  std::vector<CompressedWeight> weights;
  std::string error; ///< empty for success
  std::vector<std::string> messages;

  const ir::Component &model() const { return *package.components.front(); }

  /// "name: format" of each weight.
  std::vector<std::string> formats() const {
    std::vector<std::string> texts;
    for (const CompressedWeight &weight : weights)
      texts.push_back(weight.name + ": " + weight.format);
    return texts;
  }
};

class CompressionTest : public testing::Test {
protected:
  static std::unique_ptr<ir::Component> model(const std::string &graph, int opset = 21) {
    return parseModel("<ir_version: 10, opset_import: [\"\" : " + std::to_string(opset) + "]> " +
                      graph);
  }

  /// Two layers that can be told apart.
  static std::unique_ptr<ir::Component> twoLayers() {
    auto component = model(R"(g (float[B,2] x) => (float[B,2] y)
      <float[2,2] w0 = {1, 2, 3, 4}, float[2,2] w1 = {5, 6, 7, 8}> {
        ["0"] h = MatMul(x, w0)
        ["1"] y = MatMul(h, w1) })");
    for (ir::Node &node : component->graph.nodes())
      node.modulePath = "model.layers." + node.name + ".up";
    return component;
  }

  /// What a pass makes of the package; all graphs have to be valid then.
  using Compression =
      std::function<llvm::Expected<std::vector<CompressedWeight>>(ir::Package &, PassContext &)>;
  static void compress(Compressed &compressed, const Compression &compression) {
    Diagnostics diagnostics(nullptr);
    compressed.error = runBody(
        [&](PassContext &context) -> llvm::Error {
          auto weights = compression(compressed.package, context);
          if (weights)
            compressed.weights = std::move(*weights);
          return weights.takeError();
        },
        {}, diagnostics);
    for (const Diagnostic &diagnostic : diagnostics.all())
      compressed.messages.push_back(diagnostic.message);
    for (const std::unique_ptr<ir::Component> &component : compressed.package.components) {
      EXPECT_EQ(errorOf(ir::verifyGraph(component->graph)), "");
      EXPECT_EQ(errorOf(onnx::checkModel(*component)), "");
    }
  }

  static Compressed compressModel(std::unique_ptr<ir::Component> model,
                                  const Compression &compression) {
    Compressed compressed;
    compressed.package.components.push_back(std::move(model));
    compress(compressed, compression);
    return compressed;
  }
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_COMPRESSIONTEST_H

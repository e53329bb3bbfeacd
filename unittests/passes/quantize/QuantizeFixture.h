// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models in ONNX's text, quantized.

#ifndef OPTRUN_UNITTESTS_PASSES_QUANTIZE_QUANTIZEFIXTURE_H
#define OPTRUN_UNITTESTS_PASSES_QUANTIZE_QUANTIZEFIXTURE_H

#include "PackageQuantizer.h"
#include "TestSupport/CompressionTest.h"

namespace optrun::test {

using Quantized = Compressed;

class QuantizeTest : public CompressionTest {
protected:
  /// All weights, however small.
  static quantize::QuantizeOptions options() {
    quantize::QuantizeOptions options;
    options.minElements = 0;
    return options;
  }

  /// With com.microsoft's operators, imported behind ONNX's.
  static std::unique_ptr<ir::Component> microsoftModel(const std::string &graph) {
    return parseModel(R"(<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1]> )" + graph);
  }

  static void quantizeAll(Quantized &quantized, const quantize::QuantizeOptions &options) {
    compress(quantized, quantization(options));
  }

  static Quantized quantizeModel(std::unique_ptr<ir::Component> model,
                                 const quantize::QuantizeOptions &options) {
    return compressModel(std::move(model), quantization(options));
  }

private:
  static Compression quantization(const quantize::QuantizeOptions &options) {
    return [options](ir::Package &package, PassContext &context) {
      return quantize::quantizePackage(package, options, context);
    };
  }
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_PASSES_QUANTIZE_QUANTIZEFIXTURE_H

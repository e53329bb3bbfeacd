// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models in ONNX's text, palettized.

#ifndef OPTRUN_UNITTESTS_PASSES_PALETTIZE_PALETTIZEFIXTURE_H
#define OPTRUN_UNITTESTS_PASSES_PALETTIZE_PALETTIZEFIXTURE_H

#include "PackagePalettizer.h"
#include "TestSupport/CompressionTest.h"

namespace optrun::test {

class PalettizeTest : public CompressionTest {
protected:
  /// Of all weights, however small.
  static palettize::PalettizeOptions options(int64_t bits) {
    palettize::PalettizeOptions options;
    options.bits = bits;
    options.minElements = 0;
    return options;
  }

  static void palettizeAll(Compressed &palettized, const palettize::PalettizeOptions &options) {
    compress(palettized, palettization(options));
  }

  static Compressed palettizeModel(std::unique_ptr<ir::Component> model,
                                   const palettize::PalettizeOptions &options) {
    return compressModel(std::move(model), palettization(options));
  }

private:
  static Compression palettization(const palettize::PalettizeOptions &options) {
    return [options](ir::Package &package, PassContext &context) {
      return palettize::palettizePackage(package, options, context);
    };
  }
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_PASSES_PALETTIZE_PALETTIZEFIXTURE_H

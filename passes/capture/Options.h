// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of capture.

#ifndef OPTRUN_PASSES_CAPTURE_OPTIONS_H
#define OPTRUN_PASSES_CAPTURE_OPTIONS_H

#include "optrun/Options/Options.h"

namespace optrun {

struct CaptureOptions {
  enum class Format { Auto, Onnx };

  FilePath model;
  Format format = Format::Auto;
  std::optional<ByteSize> maxFileSize;

  static void bind(OptionBinder<CaptureOptions> &bind) {
    using O = CaptureOptions;
    bind.option(
            "model", &O::model,
            "The model: an .onnx file, or a folder with model.onnx or a single other .onnx file "
            "in it.")
        .required()
        .nonEmpty();
    bind.option("format", &O::format, "What the model is.")
        .values({{"auto", Format::Auto, "told by its name and content"},
                 {"onnx", Format::Onnx, "an ONNX file, whatever its name"}});
    bind.option("max-file-size", &O::maxFileSize,
                "Refuses .onnx files that are larger; data files beside them do not count.");
  }
};

} // namespace optrun

#endif // OPTRUN_PASSES_CAPTURE_OPTIONS_H

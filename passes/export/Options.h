// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of the export pass.

#ifndef OPTRUN_PASSES_EXPORT_OPTIONS_H
#define OPTRUN_PASSES_EXPORT_OPTIONS_H

#include "optrun/Options/Options.h"

#include <algorithm>
#include <limits>

namespace optrun::exporting {

enum class ExternalData { Auto, Inline, Single, Shared };
enum class Link { Auto, Copy, Hard };
enum class HashInputs { Auto, Always, Never };
enum class Target { Onnx, GenAi, SafeTensors };

struct ExportOptions {
  FilePath output;
  ExternalData externalData = ExternalData::Auto;
  std::optional<ByteSize> maxShardSize;
  Link link = Link::Auto;
  bool overwrite = false;
  HashInputs hashInputs = HashInputs::Auto;
  std::vector<Target> targets = {Target::Onnx};

  bool has(Target target) const {
    return std::find(targets.begin(), targets.end(), target) != targets.end();
  }
  /// GenAI runs ONNX files, too.
  bool writesOnnx() const { return has(Target::Onnx) || has(Target::GenAi); }
  uint64_t maxShardBytes() const {
    return maxShardSize ? maxShardSize->bytes : std::numeric_limits<uint64_t>::max();
  }

  static void bind(OptionBinder<ExportOptions> &bind) {
    bind.option("output", &ExportOptions::output,
                "The folder to write to. It is made when it does not exist; other files in it are "
                "never touched.")
        .required()
        .nonEmpty();
    bind.option("external-data", &ExportOptions::externalData, "Where weights go.")
        .values({{"auto", ExternalData::Auto,
                  "inside the .onnx files when the model came so and none of them would exceed 2 "
                  "GB, and they need not be divided; else as single"},
                 {"inline", ExternalData::Inline, "inside the .onnx files"},
                 {"single", ExternalData::Single, "one data file beside each .onnx file"},
                 {"shared", ExternalData::Shared,
                  "all .onnx files use one data file; when the output folder holds the model's own "
                  "data file, at any depth, they use that and no weight is copied"}});
    bind.option("max-shard-size", &ExportOptions::maxShardSize,
                "Divides data files and safetensors files that would be larger, between tensors: "
                "200MB, 2GB. A tensor that is larger by itself has a file of its own.")
        .min(ByteSize{1});
    bind.option("link", &ExportOptions::link, "How `shared` gets at the model's data file.")
        .values({{"auto", Link::Auto,
                  "use it where it is when the output folder holds it, else copy it, sharing disk "
                  "blocks where the file system can"},
                 {"copy", Link::Copy, "always a data file of its own"},
                 {"hard", Link::Hard,
                  "use it where it is when the output folder holds it, else make a hard link: ONNX "
                  "Runtime takes these, ONNX's own checker and Python loader refuse them"}});
    bind.option("overwrite", &ExportOptions::overwrite,
                "Replace the result of an earlier run in the output folder. Only files that its "
                "manifest.json lists are replaced or removed.");
    bind.option("hash-inputs", &ExportOptions::hashInputs,
                "For which of the files that were read manifest.json holds the SHA-256.")
        .values({{"auto", HashInputs::Auto, "those up to 64 MiB; larger ones by size and time"},
                 {"always", HashInputs::Always, "all"},
                 {"never", HashInputs::Never, "none"}});
    bind.option("targets", &ExportOptions::targets, "What the folder is for.")
        .values({{"onnx", Target::Onnx, "the components as ONNX files"},
                 {"genai", Target::GenAi,
                  "these, with what ONNX Runtime GenAI needs to generate text with them: "
                  "genai_config.json and the tokenizer's files. For decoders captured from a "
                  "checkpoint with kv-cache: true"},
                 {"safetensors", Target::SafeTensors,
                  "a Hugging Face checkpoint: model.safetensors, whole or in shards, config.json "
                  "and the tokenizer's files. For checkpoints whose weights no pass has changed"}})
        .nonEmpty();
    bind.check(
        [](const ExportOptions &options) {
          return options.link == Link::Auto || options.externalData == ExternalData::Shared;
        },
        "works with external-data: shared only", "link");
    bind.check(
        [](const ExportOptions &options) {
          return options.writesOnnx() || options.externalData == ExternalData::Auto;
        },
        "is about ONNX files: targets has neither onnx nor genai", "external-data");
    bind.check(
        [](const ExportOptions &options) {
          return !options.maxShardSize || options.externalData == ExternalData::Auto ||
                 options.externalData == ExternalData::Single;
        },
        "works with external-data: auto and single only", "max-shard-size");
  }
};

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_OPTIONS_H

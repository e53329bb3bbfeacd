// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// manifest.json: what an exported folder holds, how it came about and from what. docs/manifest.md
/// describes it for readers.

#ifndef OPTRUN_RESULTS_MANIFEST_H
#define OPTRUN_RESULTS_MANIFEST_H

#include "optrun/Pass/RunRecord.h"
#include "optrun/Results/Evaluation.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace optrun {

struct Manifest {
  static constexpr llvm::StringLiteral FileName = "manifest.json";
  static constexpr llvm::StringLiteral Format = "optrun-manifest/1";

  /// Components run in this order, passing values by name.
  struct Component {
    std::string name;
    std::string file;              // relative to the manifest's folder, as all names here
    std::vector<std::string> data; // external data that it refers to
    uint64_t weightBytes = 0;
    std::optional<uint64_t> plannedBytes;
    std::optional<uint64_t> budgetBytes; // that the split kept to
    std::optional<std::string> device;   // that the split meant it for
    std::vector<std::string> inputs, outputs;
  };
  /// A file that export wrote; external data that was there before is none.
  struct File {
    std::string file;
    uint64_t bytes = 0;
  };
  /// A file that was read. Large ones are not hashed unless asked for, and then have a time
  /// instead.
  struct Input {
    std::string file; // relative to the main model's folder, else the bare name
    uint64_t bytes = 0;
    std::optional<std::string> sha256;   // lower-case hex
    std::optional<std::string> modified; // "2024-05-01T12:00:00Z"
  };
  /// What verify has established; only successful runs have a manifest.
  struct Verification {
    uint64_t inputSets = 0;
    uint64_t outputs = 0;  // compared for each set
    bool bitEqual = false; // without graph optimizations
    double tolerance = 0;  // with them
  };

  std::string recipe;
  std::vector<Component> components;
  std::vector<File> files;
  std::vector<PassRecord> passes;
  std::vector<Input> inputs;
  std::optional<Verification> verification;
  std::optional<EvaluationFigures> evaluation;
};

/// JSON with a line for each small thing, the same bytes for the same manifest.
std::string printManifest(const Manifest &manifest);

/// Reads what printManifest has written; anybody may have changed it since. An error for text of
/// another format, for members that are missing, wrong or there twice, and for file names that are
/// absolute, lead out of the folder or hold a zero byte.
llvm::Expected<Manifest> parseManifest(llvm::StringRef text);

/// The manifest in \p folder; nullopt when there is no manifest.json. Errors name the file: one
/// that cannot be read, is larger than manifests are, or is not what parseManifest() takes.
llvm::Expected<std::optional<Manifest>> readManifest(llvm::StringRef folder);

} // namespace optrun

#endif // OPTRUN_RESULTS_MANIFEST_H

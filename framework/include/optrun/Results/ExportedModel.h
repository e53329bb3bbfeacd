// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What export has written, for the passes after it (verify, evaluate) and for the final table.

#ifndef OPTRUN_RESULTS_EXPORTEDMODEL_H
#define OPTRUN_RESULTS_EXPORTEDMODEL_H

#include "optrun/IR/Attachment.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace optrun {

class ExportedModel final : public ir::Attachment {
public:
  static constexpr llvm::StringLiteral Id = "optrun.ExportedModel/1";
  ExportedModel();
  ~ExportedModel() override;
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override;

  struct ComponentFile {
    std::string name;
    std::string file;              // name inside the output folder, as published
    std::string stagedPath;        // where it can be read and run until the run ends
    std::vector<std::string> data; // data files, names relative to the output folder
    uint64_t fileBytes = 0;        // the .onnx and data that belong to this component alone
    uint64_t weightBytes = 0;      // realised
    std::optional<uint64_t> plannedBytes;
    std::vector<std::string> inputs, outputs;
  };
  std::string folder; // as published
  std::vector<ComponentFile> components;
  /// A data file that several components use and that export wrote.
  struct SharedFile {
    std::string file;
    uint64_t bytes = 0;
  };
  std::vector<SharedFile> shared;
  /// The safetensors files, where a checkpoint was asked for.
  struct CheckpointFile {
    std::string file;
    uint64_t bytes = 0;
  };
  std::vector<CheckpointFile> checkpoint;
};

} // namespace optrun

#endif // OPTRUN_RESULTS_EXPORTEDMODEL_H

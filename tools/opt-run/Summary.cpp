// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The table at the end of a run.

#include "Summary.h"

#include "optrun/Results/ExportedModel.h"
#include "optrun/Results/VerificationReport.h"
#include "optrun/Support/ByteSize.h"
#include "optrun/Support/Table.h"

using namespace optrun;

/// Three digits would hide a small difference between plan and result, so it is spelt out.
static std::string realised(const ExportedModel::ComponentFile &component) {
  std::string text = formatByteSize(component.weightBytes);
  if (!component.plannedBytes || *component.plannedBytes == component.weightBytes)
    return text;
  const bool more = component.weightBytes > *component.plannedBytes;
  const uint64_t difference = more ? component.weightBytes - *component.plannedBytes
                                   : *component.plannedBytes - component.weightBytes;
  return text + (more ? " (+" : " (-") + std::to_string(difference) + " bytes)";
}

void optrun::printSummary(const ir::Package &package, llvm::raw_ostream &os) {
  const auto *model = package.attachments.get<ExportedModel>();
  if (!model)
    return;
  const auto *verification = package.attachments.get<VerificationReport>();
  const std::string checked = verification ? verification->summary() : "not verified";

  using Align = Table::Align;
  Table table({{"component"},
               {"file"},
               {"size", Align::Right},
               {"weights planned", Align::Right},
               {"realised", Align::Right},
               {"checked"}});
  uint64_t bytes = 0, weights = 0;
  for (const ExportedModel::ComponentFile &component : model->components) {
    const bool only = model->components.size() == 1;
    table.addRow({component.name, component.file, formatByteSize(component.fileBytes),
                  component.plannedBytes ? formatByteSize(*component.plannedBytes) : "-",
                  realised(component), only ? checked : ""});
    bytes += component.fileBytes;
    weights += component.weightBytes;
  }
  if (!model->checkpoint.empty()) {
    uint64_t checkpointBytes = 0;
    for (const ExportedModel::CheckpointFile &file : model->checkpoint)
      checkpointBytes += file.bytes;
    const size_t files = model->checkpoint.size();
    table.addRow(
        {"checkpoint",
         files == 1 ? model->checkpoint.front().file : std::to_string(files) + " safetensors files",
         formatByteSize(checkpointBytes), "", "", "read back"});
  }
  if (model->components.size() > 1) {
    // Verification compares what the components give together.
    table.addRule();
    table.addRow(
        {"all", model->folder, formatByteSize(bytes), "", formatByteSize(weights), checked});
  }
  table.print(os);
}

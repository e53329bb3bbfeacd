// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The record of what export has written.

#include "optrun/Results/ExportedModel.h"

namespace optrun {

ExportedModel::ExportedModel() = default;
ExportedModel::~ExportedModel() = default;

void ExportedModel::print(llvm::raw_ostream &os) const {
  os << "folder: " << folder << '\n';
  for (const ComponentFile &component : components) {
    os << component.name << ": " << component.file << ", " << component.fileBytes << " bytes, "
       << component.weightBytes << " bytes of weights";
    if (component.plannedBytes)
      os << " (" << *component.plannedBytes << " planned)";
    for (const std::string &name : component.data)
      os << ", data in " << name;
    os << '\n';
  }
  for (const SharedFile &file : shared)
    os << "shared data: " << file.file << ", " << file.bytes << " bytes\n";
  for (const CheckpointFile &file : checkpoint)
    os << "checkpoint: " << file.file << ", " << file.bytes << " bytes\n";
}

} // namespace optrun

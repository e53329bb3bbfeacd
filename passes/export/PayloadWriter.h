// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writes the data files that a placement plans.

#ifndef OPTRUN_PASSES_EXPORT_PAYLOADWRITER_H
#define OPTRUN_PASSES_EXPORT_PAYLOADWRITER_H

#include "PlacementPlan.h"
#include "Steps.h"

#include "optrun/Storage/Spool.h"

namespace optrun::exporting {

/// Writes \p file to \p path, by range where payloads lie in files. Nothing for Kind::Own. The file
/// of \p spool is published for Kind::Scratch, where that is possible.
llvm::Error writeDataFile(const DataFile &file, llvm::StringRef path, Spool &spool,
                          Advance advance);

/// The same for a component's .onnx file.
llvm::Error writeOnnxFile(const ir::Component &component, const ComponentPlacement &placement,
                          llvm::StringRef path, Advance advance);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_PAYLOADWRITER_H

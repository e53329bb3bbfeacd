// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Describes the files that a run has read, for the manifest.

#ifndef OPTRUN_PASSES_EXPORT_INPUTRECORD_H
#define OPTRUN_PASSES_EXPORT_INPUTRECORD_H

#include "Options.h"

#include "optrun/IR/Package.h"
#include "optrun/Results/Manifest.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace optrun::exporting {

/// Larger files are hashed on demand only: hashing takes longer than copying.
inline constexpr uint64_t LargestHashedByDefault = uint64_t(64) << 20;

/// The record of \p file. Its name is relative to \p mainFolder when it lies in it. \p checkStop is
/// asked now and then; its error stops the hashing.
llvm::Expected<Manifest::Input> recordInput(const ir::InputFile &file, llvm::StringRef mainFolder,
                                            HashInputs hash,
                                            llvm::function_ref<llvm::Error()> checkStop);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_INPUTRECORD_H

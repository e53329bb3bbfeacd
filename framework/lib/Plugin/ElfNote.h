// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads OptRun's note from a shared library without loading it. Every offset and size in the file
/// is taken for hostile.

#ifndef OPTRUN_LIB_PLUGIN_ELFNOTE_H
#define OPTRUN_LIB_PLUGIN_ELFNOTE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace optrun {

struct ElfNote {
  uint32_t abiMajor = 0;
  uint32_t abiMinor = 0;
  std::string fingerprint;
};

/// Errors name the reason only: the caller knows the file. Among them: no such file, empty, not a
/// shared library, for another processor, shorter than its own tables say, without a note.
llvm::Expected<ElfNote> readElfNote(llvm::StringRef path);

} // namespace optrun

#endif // OPTRUN_LIB_PLUGIN_ELFNOTE_H

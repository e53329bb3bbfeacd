// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Key/value pairs of GGUF files.

#ifndef OPTRUN_LIB_CHECKPOINT_GGUFMETADATA_H
#define OPTRUN_LIB_CHECKPOINT_GGUFMETADATA_H

#include "GgufCursor.h"

#include "optrun/Checkpoint/Gguf.h"

namespace optrun::checkpoint {

/// Reads a key.
llvm::Expected<std::string> readGgufKey(GgufCursor &cursor);

/// Reads the type and the value that follow the key \p key.
llvm::Expected<GgufValue> readGgufValue(GgufCursor &cursor, llvm::StringRef key);

/// What array elements need at least in the file; 0 for types that arrays cannot hold.
unsigned minElementBytes(GgufValueType type);

/// One number or bool as a double.
double readGgufNumber(GgufCursor &cursor, GgufValueType type);

/// The longest string that is read: templates of chats are some kilobytes.
constexpr uint64_t MaxGgufStringBytes = uint64_t(16) << 20;

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_GGUFMETADATA_H

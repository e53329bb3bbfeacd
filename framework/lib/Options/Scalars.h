// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Scalars as typed values, the same for options of passes and for parameters of recipes. YAML
/// guesses types ("010" is 8, "no" is false); here the type is known and only exact forms count.

#ifndef OPTRUN_LIB_OPTIONS_SCALARS_H
#define OPTRUN_LIB_OPTIONS_SCALARS_H

#include "optrun/Options/ConfigNode.h"
#include "optrun/Support/ByteSize.h"

#include "llvm/Support/Error.h"

namespace optrun {

// Errors read on after the value's name: "must be an integer, not 'many'".
llvm::Expected<bool> readBool(const ConfigNode &node);
llvm::Expected<int64_t> readInteger(const ConfigNode &node);
llvm::Expected<double> readFloat(const ConfigNode &node);
llvm::Expected<ByteSize> readByteSize(const ConfigNode &node);
/// Any scalar's text.
llvm::Expected<std::string> readText(const ConfigNode &node);
/// The text as path, relative to the node's base folder. Empty stays empty.
llvm::Expected<std::string> readPath(const ConfigNode &node);

/// \p path relative to \p baseFolder, without "./" before it.
std::string resolvePath(llvm::StringRef path, llvm::StringRef baseFolder);

/// An integer or decimal number as JSON and YAML write them (leading zeros are none).
bool looksLikeNumber(llvm::StringRef text);
bool looksLikeInteger(llvm::StringRef text);

/// Shortest text that reads back as the same number.
std::string printFloat(double value);

/// What a node is, for messages: "'abc'", "a list", "a mapping", "nothing".
std::string describeNode(const ConfigNode &node);

} // namespace optrun

#endif // OPTRUN_LIB_OPTIONS_SCALARS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rates of devices as people write them.

#ifndef OPTRUN_PASSES_SPLITBYMEMORY_RATE_H
#define OPTRUN_PASSES_SPLITBYMEMORY_RATE_H

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace optrun {

// A number above 0, then a prefix if there is one (K, M, G, T, P: powers of 1000), then the unit or
// nothing; a space may stand before the prefix, letters have any case. nullopt for anything else.

/// FLOP/s: "312T", "2.5 TFLOPS", "1e12 FLOP/s".
std::optional<double> parseFlopRate(llvm::StringRef text);

/// Bytes/s: "1e11", "100GB", "3.35 TB/s".
std::optional<double> parseBandwidth(llvm::StringRef text);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYMEMORY_RATE_H

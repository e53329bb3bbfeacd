// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Symbolic dimensions as exporters write them: "batch", "past_sequence_length + sequence_length",
/// "((s72*Min(128, s70))//s70)".

#ifndef OPTRUN_ANALYSIS_DIMENSIONEXPRESSION_H
#define OPTRUN_ANALYSIS_DIMENSIONEXPRESSION_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace optrun {

using SymbolTable = llvm::StringMap<int64_t>;

/// True when \p text is arithmetic on symbols rather than a symbol.
bool isExpression(llvm::StringRef text);

/// The value of \p text: of the symbol when the whole text is one, else of the expression with
/// + - * / // % Min() Max() and parentheses (both divisions round down). nullopt for unknown
/// symbols, other syntax, overflow, division by zero.
std::optional<int64_t> evaluateDimension(llvm::StringRef text, const SymbolTable &symbols);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_DIMENSIONEXPRESSION_H

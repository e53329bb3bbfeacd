// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the ONNX library knows about versions of operators.

#ifndef OPTRUN_ONNX_SCHEMAS_H
#define OPTRUN_ONNX_SCHEMAS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace optrun::onnx {

/// The opset that brought the definition of \p opType which \p opset uses: 13 for Relu in opset 13,
/// 14 in opset 17. To say that an operator is deprecated is a definition, too. nullopt when the
/// opset has no such operator. The default domain is "" or "ai.onnx".
std::optional<int64_t> sinceVersion(llvm::StringRef domain, llvm::StringRef opType, int64_t opset);

/// The newest opset of the default domain.
int64_t newestOpset();

/// The lowest IR version of the ONNX release that came with \p opset of the default domain: what
/// holds the types that the opset speaks of. Source: onnx/helper.py, VERSION_TABLE.
int64_t irVersionOfOpset(int64_t opset);

} // namespace optrun::onnx

#endif // OPTRUN_ONNX_SCHEMAS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A registry of operators that knows ONNX's own, some of them amended (AmendedSchemas.h), and the
/// com.microsoft ones of language models.

#ifndef OPTRUN_LIB_ONNX_CONTRIBSCHEMAS_H
#define OPTRUN_LIB_ONNX_CONTRIBSCHEMAS_H

#include "ProtoSupport.h"

#include "llvm/ADT/StringRef.h"

#include <onnx/defs/schema.h>

namespace optrun::onnx {

constexpr llvm::StringLiteral ContribDomain = "com.microsoft";

/// Made on first use. The ONNX library's global registry stays as it is: its checker would compare
/// nodes with our schemas, which say nothing of attributes and numbers of inputs.
const proto::ISchemaRegistry &schemasWithContrib();

/// True for com.microsoft operators whose shapes we know.
bool isContribOperator(llvm::StringRef opType);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_CONTRIBSCHEMAS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// JSON Schemas of options, for the recipe schema to embed.

#ifndef OPTRUN_LIB_OPTIONS_OPTIONJSONSCHEMA_H
#define OPTRUN_LIB_OPTIONS_OPTIONJSONSCHEMA_H

#include "optrun/Options/Options.h"

#include "llvm/Support/JSON.h"

namespace optrun {

struct JsonSchemaStyle {
  /// Where a value may be "${parameter}": the reference that allows it, as in
  /// {"anyOf": [..., {"$ref": "#/$defs/parameter"}]}. Empty: values only.
  llvm::StringRef parameterReference;
  /// Leave out "required" at the top: with `extends`, the base recipe may give the rest.
  bool partial = false;
};

void writeJsonSchema(const OptionSchema &schema, const JsonSchemaStyle &style,
                     llvm::json::OStream &json);

/// The names of the options that a recipe must give.
std::vector<std::string> requiredOptions(const OptionSchema &schema);

/// What parseByteSize() accepts, as regular expression.
inline constexpr llvm::StringLiteral byteSizePattern =
    "^[0-9]+(\\.[0-9]+)?( *([KkMmGgTt][Ii]?)?B)?$";

} // namespace optrun

#endif // OPTRUN_LIB_OPTIONS_OPTIONJSONSCHEMA_H

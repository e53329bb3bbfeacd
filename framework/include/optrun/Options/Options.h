// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Options of passes: a struct bound once. The one binding parses, validates, prints, documents and
/// yields the JSON Schema.
///
/// \code
///   struct SplitByCountOptions {
///     int64_t splits = 0;
///     std::string block = "auto";
///     Balance balance = Balance::Layers;
///
///     static void bind(OptionBinder<SplitByCountOptions> &bind) {
///       bind.option("splits", &SplitByCountOptions::splits, "Number of components.")
///           .required().range(1, 65536);
///       bind.option("block", &SplitByCountOptions::block, "Module path of the repeated block, or auto.");
///       bind.option("balance", &SplitByCountOptions::balance, "What to make equal.")
///           .values({{"layers", Balance::Layers, "as many layers in each"},
///                    {"bytes", Balance::Bytes, "as many weight bytes in each"}});
///     }
///   };
/// \endcode
///
/// Field types: bool, int64_t, double, std::string, ByteSize, FilePath, enumerations (with values()),
/// std::optional and std::vector of these, and structs with a bind() of their own. The default is the
/// value in a default-constructed struct.

#ifndef OPTRUN_OPTIONS_OPTIONS_H
#define OPTRUN_OPTIONS_OPTIONS_H

#include "optrun/Options/ConfigNode.h"
#include "optrun/Support/ByteSize.h"
#include "optrun/Support/Diagnostics.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace optrun {

/// A path option. Relative text is resolved when parsed, see ConfigNode::baseFolder.
struct FilePath {
  std::string path;
  bool operator==(const FilePath &) const = default;
};

// The engineer of Options replaces this comment by: OptionSchema (type-erased: parse into an object,
// print as YAML, document as Markdown, yield JSON Schema, list names) and OptionBinder<T> with the
// fluent builder above.

} // namespace optrun

#endif // OPTRUN_OPTIONS_OPTIONS_H

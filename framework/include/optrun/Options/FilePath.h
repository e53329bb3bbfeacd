// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The type of an option that names a file or folder.

#ifndef OPTRUN_OPTIONS_FILEPATH_H
#define OPTRUN_OPTIONS_FILEPATH_H

#include <string>

namespace optrun {

/// A path option. Relative text is resolved when parsed, see ConfigNode::baseFolder.
struct FilePath {
  std::string path;
  bool operator==(const FilePath &) const = default;
};

} // namespace optrun

#endif // OPTRUN_OPTIONS_FILEPATH_H

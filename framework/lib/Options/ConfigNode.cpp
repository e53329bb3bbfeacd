// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Looking into configuration trees.

#include "optrun/Options/ConfigNode.h"

namespace optrun {

const ConfigNode *ConfigNode::find(llvm::StringRef key) const {
  for (const ConfigEntry &entry : entries)
    if (entry.key == key)
      return &entry.value;
  return nullptr;
}

} // namespace optrun

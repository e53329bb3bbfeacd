// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds an option in a recipe by its name.

#include "Pass/OptionPath.h"

using namespace optrun;

llvm::SMLoc optrun::locateOption(const ConfigNode &options, llvm::StringRef option) {
  const ConfigNode *node = &options;
  llvm::SMLoc found;
  while (!option.empty()) {
    const ConfigNode *next = nullptr;
    if (option.consume_front("[")) {
      size_t index = 0;
      if (option.consumeInteger(10, index) || !option.consume_front("]"))
        break;
      next = index < node->items.size() ? &node->items[index] : nullptr;
    } else {
      option.consume_front(".");
      llvm::StringRef key = option.take_until([](char c) { return c == '.' || c == '['; });
      option = option.drop_front(key.size());
      next = node->find(key);
    }
    if (!next)
      break;
    node = next;
    found = node->location();
  }
  return found;
}

llvm::SMLoc optrun::locateOption(const PassRequest &request, llvm::StringRef option) {
  const llvm::SMLoc location = locateOption(request.options, option);
  return location.isValid() ? location : request.location;
}

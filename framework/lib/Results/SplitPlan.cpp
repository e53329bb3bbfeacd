// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The plan of a split and its textual form in models.

#include "optrun/Results/SplitPlan.h"

#include "optrun/Support/ByteSize.h"

namespace optrun {

void SplitPlan::print(llvm::raw_ostream &os) const {
  for (const Part &part : parts) {
    os << part.component << ": " << formatByteSize(part.plannedBytes);
    if (part.budgetBytes)
      os << " of " << formatByteSize(*part.budgetBytes);
    if (!part.device.empty())
      os << " on " << part.device;
    const char *separator = " in ";
    for (const std::string &module : part.modules) {
      os << separator << module;
      separator = ", ";
    }
    os << '\n';
  }
}

std::vector<std::string> SplitPlan::componentNames() const {
  std::vector<std::string> names;
  for (const Part &part : parts)
    names.push_back(part.component);
  return names;
}

std::string SplitPlan::splitAssignments() const {
  std::string text;
  for (size_t part = 0; part < parts.size(); ++part)
    for (const std::string &module : parts[part].modules) {
      // The format has no quoting: such a module would be read back as something else.
      if (module.find_first_of(";=") != std::string::npos)
        continue;
      if (!text.empty())
        text += ';';
      text += module + "=" + std::to_string(part);
    }
  return text;
}

llvm::Expected<std::vector<std::pair<std::string, uint32_t>>>
parseSplitAssignments(llvm::StringRef text) {
  std::vector<std::pair<std::string, uint32_t>> assignments;
  while (!text.empty()) {
    auto [entry, rest] = text.split(';');
    text = rest;
    entry = entry.trim();
    if (entry.empty())
      continue;
    auto [module, number] = entry.rsplit('=');
    module = module.trim();
    uint32_t part = 0;
    if (module.empty() || module.contains('=') || number.trim().getAsInteger(10, part))
      return llvm::createStringError(
          std::errc::invalid_argument,
          "'%s' is no assignment of a module to a part, such as 'model.layers.0=0'",
          entry.take_front(100).str().c_str());
    assignments.emplace_back(module.str(), part);
  }
  return assignments;
}

} // namespace optrun

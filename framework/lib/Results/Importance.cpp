// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The importance of weights' inputs.

#include "optrun/Results/Importance.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace optrun {

Importance::Importance() = default;
Importance::~Importance() = default;

void Importance::print(llvm::raw_ostream &os) const {
  for (const auto &[weight, inputs] : byWeight)
    os << weight << ": " << inputs.size() << " inputs\n";
}

llvm::Expected<llvm::ArrayRef<float>> Importance::find(llvm::StringRef weight,
                                                       uint64_t inputs) const {
  auto found = byWeight.find(weight);
  if (found == byWeight.end())
    return llvm::ArrayRef<float>();
  const std::vector<float> &list = found->second;
  if (list.size() != inputs)
    return llvm::createStringError("the importance of '" + weight + "' is that of " +
                                   llvm::Twine(list.size()) + " inputs, but it has " +
                                   llvm::Twine(inputs));
  if (!llvm::all_of(list, [](float each) { return std::isfinite(each) && each >= 0; }))
    return llvm::createStringError("the importance of '" + weight +
                                   "' has negative or infinite entries");
  return llvm::ArrayRef<float>(list);
}

llvm::Expected<llvm::ArrayRef<float>> Importance::findFirst(llvm::ArrayRef<std::string> names,
                                                            uint64_t inputs) const {
  for (const std::string &name : names) {
    llvm::Expected<llvm::ArrayRef<float>> found = find(name, inputs);
    if (!found || !found->empty())
      return found;
  }
  return llvm::ArrayRef<float>();
}

} // namespace optrun

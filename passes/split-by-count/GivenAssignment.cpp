// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Turns "model.layers.0=0;model.layers.1=1" into an assignment of nodes.

#include "GivenAssignment.h"

#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/Partition.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

namespace optrun {
namespace {

const std::string *findProperty(const ir::Component &component, llvm::StringRef name) {
  for (const auto &[key, value] : component.metadata)
    if (key == name)
      return &value;
  return nullptr;
}

/// Calls \p visit with \p path and the modules around it, from the inside out, until it is true.
template <typename Visit> void forEachModuleAround(llvm::StringRef path, Visit visit) {
  while (!path.empty() && !visit(path))
    path = path.contains('.') ? path.rsplit('.').first : "";
}

/// Finds the modules of the assignment in a model. An exporter that starts below the root leaves
/// the outer components out of its names: "model.decoder.layers.0" is "decoder.layers.0" then.
llvm::StringMap<uint32_t>
matchModules(const ir::Component &component,
             llvm::ArrayRef<std::pair<std::string, uint32_t>> assignments) {
  llvm::StringSet<> known;
  for (const ir::Node &node : component.graph.nodes())
    forEachModuleAround(node.modulePath,
                        [&](llvm::StringRef path) { return !known.insert(path).second; });
  llvm::StringMap<uint32_t> partOf;
  constexpr size_t MaxLength = 1024; // longer than any module path
  for (const auto &[module, part] : assignments)
    for (llvm::StringRef path = module.size() > MaxLength ? "" : llvm::StringRef(module);
         !path.empty(); path = path.split('.').second)
      if (known.contains(path)) {
        partOf.try_emplace(path, part);
        break;
      }
  return partOf;
}

} // namespace

GivenAssignment readGivenAssignment(const ir::Component &component,
                                    const SplitByCountOptions &options) {
  const std::string *property = findProperty(component, "split_assignments");
  if (!property || property->empty())
    return {};
  auto ignored = [&](const llvm::Twine &reason) {
    return GivenAssignment{{}, ("the model's split_assignments are not used: " + reason).str()};
  };
  auto assignments = parseSplitAssignments(*property);
  if (!assignments)
    return ignored(llvm::toString(assignments.takeError()));

  // The parts in use, without gaps.
  std::vector<uint32_t> numbers;
  for (const auto &[module, part] : *assignments)
    numbers.push_back(part);
  llvm::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  if (numbers.size() != static_cast<uint64_t>(options.splits))
    return ignored("they name " + llvm::Twine(numbers.size()) +
                   (numbers.size() == 1 ? " part" : " parts") + ", `splits` is " +
                   llvm::Twine(options.splits));
  if (options.block != "auto" || options.balance != SplitByCountOptions::Balance::Layers ||
      options.separateEmbeddings || options.separateHead)
    return ignored("other options ask for a division of their own");
  for (auto &[module, part] : *assignments)
    part = static_cast<uint32_t>(llvm::lower_bound(numbers, part) - numbers.begin());

  const llvm::StringMap<uint32_t> partOf = matchModules(component, *assignments);
  GivenAssignment given;
  llvm::BitVector filled(static_cast<unsigned>(numbers.size()));
  for (const ir::Node &node : component.graph.nodes()) {
    uint32_t seed = Unassigned;
    forEachModuleAround(node.modulePath, [&](llvm::StringRef path) {
      auto found = partOf.find(path);
      if (found == partOf.end())
        return false;
      seed = found->second;
      return true;
    });
    if (seed != Unassigned)
      filled.set(seed);
    given.seeds.push_back(seed);
  }
  if (int empty = filled.find_first_unset(); empty >= 0)
    return ignored("no node belongs to a module of part " +
                   llvm::Twine(numbers[static_cast<size_t>(empty)]));
  given.remark = "cut by the model's own split_assignments";
  return given;
}

} // namespace optrun

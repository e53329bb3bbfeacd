// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Following `extends` and laying steps over those of the base.

#include "Recipe/Extends.h"

#include "Options/Scalars.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

namespace optrun {
namespace {

constexpr size_t longestChain = 32;

/// What two paths of the same file have in common.
std::string identityOf(llvm::StringRef path) {
  llvm::SmallString<128> real;
  if (llvm::sys::fs::real_path(path, real))
    return path.str(); // a text in memory
  return std::string(real);
}

class StepMerger {
public:
  StepMerger(std::vector<RecipeStep> base, Diagnostics &diagnostics) : diagnostics(diagnostics) {
    for (RecipeStep &step : base)
      steps.push_back({std::move(step), /*isFromBase=*/true, /*isOverridden=*/false});
  }

  void apply(RecipeStep step);
  std::vector<RecipeStep> take();

private:
  struct Entry {
    RecipeStep step;
    bool isFromBase, isOverridden;
  };

  std::vector<size_t> baseStepsNamed(llvm::StringRef name) const;
  void override(Entry &entry, RecipeStep step);
  void insert(RecipeStep step);

  std::vector<Entry> steps;
  Diagnostics &diagnostics;
};

std::vector<size_t> StepMerger::baseStepsNamed(llvm::StringRef name) const {
  std::vector<size_t> found;
  for (size_t i = 0; i < steps.size(); ++i)
    if (steps[i].isFromBase && steps[i].step.name == name)
      found.push_back(i);
  return found;
}

std::string suggestStep(llvm::StringRef name, llvm::ArrayRef<std::string> names) {
  std::string suggestion = suggestName(name, names);
  if (!suggestion.empty())
    return "; did you mean '" + suggestion + "'?";
  return names.empty() ? "; it has none" : "; it has: " + llvm::join(names, ", ");
}

void StepMerger::apply(RecipeStep step) {
  std::vector<size_t> found = baseStepsNamed(step.name);
  if (found.size() > 1) {
    diagnostics.error(step.nameRange.Start, "the base recipe has " + llvm::Twine(found.size()) +
                                                " steps '" + step.name +
                                                "'; give them names there with 'as: NAME'");
    return;
  }
  if (found.empty() && !step.isOff) {
    insert(std::move(step));
    return;
  }
  if (found.empty()) {
    std::vector<std::string> names;
    for (const Entry &entry : steps)
      if (entry.isFromBase)
        names.push_back(entry.step.name);
    diagnostics.error(step.nameRange.Start, "the base recipe has no step '" + step.name +
                                                "' to take out" + suggestStep(step.name, names));
    return;
  }
  Entry &entry = steps[found.front()];
  if (entry.isOverridden) {
    diagnostics.error(step.nameRange.Start, "step '" + step.name +
                                                "' of the base recipe is changed twice; for a "
                                                "second one add 'as: NAME'");
  } else if (entry.step.id != step.id) {
    diagnostics.error(step.idRange.Start, "step '" + step.name + "' of the base recipe is a '" +
                                              entry.step.id + "', not a '" + step.id + "'");
  } else if (step.place) {
    diagnostics.error(step.place->location,
                      "step '" + step.name +
                          "' is in the base recipe already; 'before' and 'after' place new steps");
  } else if (step.isOff) {
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(found.front()));
  } else {
    override(entry, std::move(step));
  }
}

void StepMerger::override(Entry &entry, RecipeStep step) {
  entry.isOverridden = true;
  ConfigNode &options = entry.step.options;
  for (ConfigEntry &derived : step.options.entries) {
    auto known = llvm::find_if(options.entries,
                               [&](const ConfigEntry &each) { return each.key == derived.key; });
    if (known == options.entries.end())
      options.entries.push_back(std::move(derived));
    else if (derived.value.kind == ConfigNode::Kind::Null)
      options.entries.erase(known);
    else
      *known = std::move(derived);
  }
  if (!options.entries.empty())
    options.kind = ConfigNode::Kind::Mapping;
  options.range = entry.step.idRange = step.idRange;
}

void StepMerger::insert(RecipeStep step) {
  Entry entry{std::move(step), /*isFromBase=*/false, /*isOverridden=*/false};
  if (!entry.step.place) {
    steps.push_back(std::move(entry));
    return;
  }
  const RecipeStep::Place &place = *entry.step.place;
  std::vector<std::string> names;
  std::vector<size_t> found;
  for (size_t i = 0; i < steps.size(); ++i) {
    names.push_back(steps[i].step.name);
    if (steps[i].step.name == place.neighbour)
      found.push_back(i);
  }
  if (found.size() != 1) {
    diagnostics.error(place.location,
                      found.empty() ? "no step '" + place.neighbour + "' in the base recipe" +
                                          suggestStep(place.neighbour, names)
                                    : "there are " + std::to_string(found.size()) + " steps '" +
                                          place.neighbour + "'; give them names with 'as: NAME'");
    return;
  }
  size_t position = found.front() + (place.before ? 0 : 1);
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(position), std::move(entry));
}

std::vector<RecipeStep> StepMerger::take() {
  std::vector<RecipeStep> result;
  for (Entry &entry : steps)
    result.push_back(std::move(entry.step));
  return result;
}

/// The file that \p file extends; nothing after an error.
std::optional<RecipeFile> readBase(const RecipeFile &file, std::vector<std::string> &identities,
                                   llvm::ArrayRef<RecipeFile> chain, Diagnostics &diagnostics) {
  llvm::SMLoc location = file.extends->location();
  std::string path = resolvePath(file.extends->scalar, file.folder);
  std::string identity = identityOf(path);
  if (llvm::is_contained(identities, identity)) {
    std::string circle;
    for (const RecipeFile &each : chain)
      circle += each.path + " -> ";
    diagnostics.error(location, "'extends' goes in a circle: " + circle + path);
    return std::nullopt;
  }
  if (chain.size() >= longestChain) {
    diagnostics.error(location,
                      "more than " + llvm::Twine(longestChain) + " recipes extend each other");
    return std::nullopt;
  }
  std::unique_ptr<llvm::MemoryBuffer> text = openRecipe(path, location, diagnostics);
  if (!text)
    return std::nullopt;
  identities.push_back(std::move(identity));
  return readRecipeFile(std::move(text), diagnostics);
}

} // namespace

std::optional<std::vector<RecipeFile>> readChain(std::unique_ptr<llvm::MemoryBuffer> text,
                                                 Diagnostics &diagnostics) {
  std::vector<std::string> identities = {identityOf(text->getBufferIdentifier())};
  std::vector<RecipeFile> chain;
  std::optional<RecipeFile> file = readRecipeFile(std::move(text), diagnostics);
  while (file) {
    chain.push_back(std::move(*file));
    if (!chain.back().hasExtends)
      return chain;
    if (!chain.back().extends)
      return std::nullopt;
    file = readBase(chain.back(), identities, chain, diagnostics);
  }
  return std::nullopt;
}

std::vector<RecipeStep> mergeSteps(std::vector<RecipeStep> base, std::vector<RecipeStep> derived,
                                   Diagnostics &diagnostics) {
  StepMerger merger(std::move(base), diagnostics);
  for (RecipeStep &step : derived)
    merger.apply(std::move(step));
  return merger.take();
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The registry of passes and the resolver that knows no more than it.

#include "optrun/Pass/PassRegistry.h"

#include "llvm/ADT/StringExtras.h"

using namespace optrun;

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

bool optrun::isPassId(llvm::StringRef text) {
  if (text.empty() || !llvm::isLower(text.front()) || text.back() == '-' || text.contains("--"))
    return false;
  return llvm::all_of(text,
                      [](char c) { return llvm::isLower(c) || llvm::isDigit(c) || c == '-'; });
}

llvm::Error PassRegistry::add(PassEntry entry) {
  const std::string id = entry.info.id;
  if (!isPassId(id))
    return makeError("'" + id + "' is no pass id (lower-case words with dashes between)");
  // Only the package holds attachments, and a component pass does not see it but for reading.
  if (entry.anchor == PassAnchor::Component && (!entry.info.writes.empty() || entry.info.isSource))
    return makeError("pass '" + id +
                     "' works on components, so it can neither write attachments nor be a source");
  const std::string plugin = entry.plugin;
  auto [place, isNew] = entries.try_emplace(id, std::move(entry));
  if (isNew)
    return llvm::Error::success();
  const auto named = [](const std::string &library) {
    return library.empty() ? std::string("the program itself") : "'" + library + "'";
  };
  if (place->second.plugin == plugin)
    return makeError("pass '" + id + "' is registered twice");
  return makeError("pass '" + id + "' is registered by " + named(place->second.plugin) +
                   " and by " + named(plugin));
}

void PassRegistry::addOrKeepError(PassEntry entry) {
  if (llvm::Error error = add(std::move(entry)))
    errors.push_back(llvm::toString(std::move(error)));
}

llvm::Error PassRegistry::takeError() {
  if (errors.empty())
    return llvm::Error::success();
  std::string all = llvm::join(errors, "; ");
  errors.clear();
  return makeError(all);
}

const PassEntry *PassRegistry::find(llvm::StringRef id) const {
  auto place = entries.find(id);
  return place == entries.end() ? nullptr : &place->second;
}

std::vector<const PassEntry *> PassRegistry::all() const {
  std::vector<const PassEntry *> result;
  for (const auto &[id, entry] : entries)
    result.push_back(&entry);
  return result;
}

PassResolver::~PassResolver() = default;

llvm::Expected<const PassEntry *> RegistryResolver::resolve(llvm::StringRef id) {
  return registry.find(id);
}

llvm::Error RegistryResolver::load(llvm::StringRef path) {
  return makeError("cannot load plugin '" + path + "': this program takes no plugins");
}

std::vector<std::string> RegistryResolver::knownIds() {
  std::vector<std::string> ids;
  for (const PassEntry *entry : registry.all())
    ids.push_back(entry->info.id);
  return ids;
}

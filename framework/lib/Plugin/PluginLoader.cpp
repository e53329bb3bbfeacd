// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Loads plugins: checks, dlopen, registration.

#include "optrun/Plugin/PluginLoader.h"

#include "Execution/ExceptionFirewall.h"
#include "Plugin/Compatibility.h"

#include "optrun/Execution/CrashReport.h"
#include "optrun/Plugin/PluginAbi.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/Support/FileSystem.h"

#include <dlfcn.h>

using namespace optrun;

namespace {

llvm::Error cannotLoad(llvm::StringRef path, llvm::Error reason) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "cannot load plugin '" + path +
                                     "': " + llvm::toString(std::move(reason)));
}

llvm::Error reason(const llvm::Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

/// dlerror() repeats the path and mangles names.
std::string linkerMessage(llvm::StringRef path) {
  const char *text = dlerror();
  llvm::StringRef message = text ? text : "unknown error of the dynamic loader";
  message.consume_front((path + ": ").str());
  // "undefined symbol: _ZN6optrun4Pass5checkEv, version X"
  auto [place, rest] = message.split("undefined symbol: ");
  if (!rest.empty()) {
    auto [name, version] = rest.split(',');
    return (place + "undefined symbol: " + llvm::demangle(name)).str();
  }
  return message.str();
}

/// The descriptor of a loaded library, safe to read.
llvm::Expected<const OptRunPluginDescriptor *> getDescriptor(void *handle, const ElfNote &note) {
  auto entry = reinterpret_cast<OptRunPluginEntryPoint>(dlsym(handle, OPTRUN_PLUGIN_ENTRY_POINT));
  if (!entry)
    return reason("it has no entry point (it must export " OPTRUN_PLUGIN_ENTRY_POINT
                  "; OPTRUN_PLUGIN defines it)");
  const OptRunPluginDescriptor *descriptor = nullptr;
  if (llvm::Error error = catchExceptions([&] {
        descriptor = entry();
        return llvm::Error::success();
      }))
    return error;
  if (!descriptor || descriptor->structSize < sizeof(OptRunPluginDescriptor) ||
      !descriptor->fingerprint || !descriptor->name || !descriptor->version ||
      !descriptor->registerPasses)
    return reason("its descriptor is incomplete");
  // The note is data beside the code; this is what the code says.
  if (descriptor->abiMajor != note.abiMajor || descriptor->abiMinor != note.abiMinor ||
      descriptor->fingerprint != note.fingerprint)
    return reason("its descriptor contradicts its " OPTRUN_PLUGIN_NOTE_SECTION " note");
  return descriptor;
}

} // namespace

PluginLoader::PluginLoader(PassRegistry &registry, std::vector<std::string> folders)
    : registry(registry), searchFolders(std::move(folders)) {}

llvm::Error PluginLoader::load(llvm::StringRef path) {
  llvm::SmallString<256> file;
  if (std::error_code code = llvm::sys::fs::real_path(path, file))
    return cannotLoad(path, reason(code.message()));
  if (llvm::is_contained(loadedFiles, file))
    return llvm::Error::success();

  auto note = readElfNote(file);
  if (!note)
    return cannotLoad(path, note.takeError());
  if (llvm::Error error = checkCompatible(*note, hostNote()))
    return cannotLoad(path, std::move(error));

  CrashScope crash(("loading plugin '" + path + "'").str());
  // Everything resolved now, nothing shared with other plugins, never unloaded: attachments and
  // passes with code of this library may live until the process ends.
  void *handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle)
    return cannotLoad(path, reason(linkerMessage(file)));
  auto descriptor = getDescriptor(handle, *note);
  if (!descriptor)
    return cannotLoad(path, descriptor.takeError());
  if (llvm::Error error = registerPasses(**descriptor, path.str()))
    return cannotLoad(path, std::move(error));
  loadedFiles.push_back(file.str().str());
  return llvm::Error::success();
}

llvm::Error PluginLoader::registerPasses(const OptRunPluginDescriptor &descriptor,
                                         const std::string &path) {
  // All passes of a library or none, so first into a registry of its own.
  PassRegistry own;
  if (llvm::Error error = catchExceptions([&] {
        descriptor.registerPasses(&own);
        return own.takeError();
      }))
    return reason("registration failed: " + llvm::toString(std::move(error)));
  LoadedPlugin plugin{path, descriptor.name, descriptor.version, {}};
  for (const PassEntry *entry : own.all()) {
    const std::string &id = entry->info.id;
    if (const PassEntry *other = registry.find(id)) {
      std::string message = duplicateMessage(id, other->plugin, path);
      conflicts.try_emplace(id, message);
      return reason(message);
    }
    plugin.passes.push_back(id);
  }
  if (plugin.passes.empty())
    return reason("it registers no passes");
  for (const PassEntry *entry : own.all()) {
    PassEntry mine = *entry;
    mine.plugin = path;
    if (llvm::Error error = registry.add(std::move(mine)))
      return error;
  }
  loaded.push_back(std::move(plugin));
  return llvm::Error::success();
}

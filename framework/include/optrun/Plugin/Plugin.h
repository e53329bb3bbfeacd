// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// OPTRUN_PLUGIN: makes a shared library a plugin. The one header that a plugin needs beside those
/// of what its passes use.

#ifndef OPTRUN_PLUGIN_PLUGIN_H
#define OPTRUN_PLUGIN_PLUGIN_H

#include "optrun/Pass/PassContext.h"
#include "optrun/Pass/PassRegistry.h"
#include "optrun/Plugin/Fingerprint.h"
#include "optrun/Plugin/PluginAbi.h"

#include <cstddef>

namespace optrun::detail {

/// An ELF note as it lies in the file: readable without loading the library. docs/plugin-abi.md.
struct PluginNote {
  uint32_t nameSize;
  uint32_t descriptionSize;
  uint32_t type;
  char name[8]; // padded to four bytes
  uint32_t abiMajor;
  uint32_t abiMinor;
  char fingerprint[(sizeof(OPTRUN_FINGERPRINT) + 3) / 4 * 4];
};

template <typename... Passes> void registerPasses(PassRegistry *registry) {
  (registry->template add<Passes>(), ...);
}

} // namespace optrun::detail

/// OPTRUN_PLUGIN("name", "version", Pass, ...): once in a shared library, at namespace scope. The
/// passes are types, see PassRegistry::add.
#define OPTRUN_PLUGIN(pluginName, pluginVersion, ...)                                              \
  namespace {                                                                                      \
  [[gnu::used, gnu::section(OPTRUN_PLUGIN_NOTE_SECTION), gnu::aligned(4)]]                         \
  constinit const ::optrun::detail::PluginNote optrunPluginNote = {                                \
      sizeof(OPTRUN_PLUGIN_NOTE_NAME),                                                             \
      sizeof(::optrun::detail::PluginNote) - offsetof(::optrun::detail::PluginNote, abiMajor),     \
      OPTRUN_PLUGIN_NOTE_TYPE,                                                                     \
      OPTRUN_PLUGIN_NOTE_NAME,                                                                     \
      OPTRUN_ABI_MAJOR,                                                                            \
      OPTRUN_ABI_MINOR,                                                                            \
      OPTRUN_FINGERPRINT};                                                                         \
  constinit const OptRunPluginDescriptor optrunDescriptor = {                                      \
      sizeof(OptRunPluginDescriptor),                                                              \
      OPTRUN_ABI_MAJOR,                                                                            \
      OPTRUN_ABI_MINOR,                                                                            \
      OPTRUN_FINGERPRINT,                                                                          \
      pluginName,                                                                                  \
      pluginVersion,                                                                               \
      &::optrun::detail::registerPasses<__VA_ARGS__>};                                             \
  }                                                                                                \
  extern "C" [[gnu::visibility("default")]] const OptRunPluginDescriptor *                         \
  optrunPluginDescriptor() noexcept {                                                              \
    return &optrunDescriptor;                                                                      \
  }                                                                                                \
  static_assert(true, "so that the macro ends with a semicolon")

#endif // OPTRUN_PLUGIN_PLUGIN_H

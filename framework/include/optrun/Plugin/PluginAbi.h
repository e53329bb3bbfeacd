// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The C boundary between opt-run and a plugin. The rules that hold it: docs/plugin-abi.md.

#ifndef OPTRUN_PLUGIN_PLUGINABI_H
#define OPTRUN_PLUGIN_PLUGINABI_H

#include <stdint.h>

namespace optrun {
class PassRegistry;
}

/// Raised when a plugin built before must not be loaded any more / may lack something new.
#define OPTRUN_ABI_MAJOR 1
#define OPTRUN_ABI_MINOR 0

extern "C" {

/// Filled statically by OPTRUN_PLUGIN. C layout: fields are only ever added at the end.
struct OptRunPluginDescriptor {
  uint32_t structSize;
  uint32_t abiMajor;
  uint32_t abiMinor;
  /// "field=value;field=value": headers, llvm, stdlib, assertions, sanitizers; the same text as in
  /// the ELF note, which is read before the library is.
  const char *fingerprint;
  const char *name;
  const char *version;
  void (*registerPasses)(optrun::PassRegistry *registry);
};

/// The one symbol that a plugin exports.
typedef const struct OptRunPluginDescriptor *(*OptRunPluginEntryPoint)(void);
#define OPTRUN_PLUGIN_ENTRY_POINT "optrunPluginDescriptor"
#define OPTRUN_PLUGIN_NOTE_SECTION ".note.optrun"
#define OPTRUN_PLUGIN_NOTE_NAME "OptRun"
/// Type of the note; its description is abiMajor, abiMinor (32 bits each) and the fingerprint.
#define OPTRUN_PLUGIN_NOTE_TYPE 1
}

#endif // OPTRUN_PLUGIN_PLUGINABI_H

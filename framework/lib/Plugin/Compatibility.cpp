// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Whether a plugin's build and ours can call each other.

#include "Plugin/Compatibility.h"

#include "optrun/Plugin/Fingerprint.h"
#include "optrun/Plugin/PluginAbi.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace optrun;

namespace {

struct Field {
  llvm::StringRef name, value;
};

llvm::SmallVector<Field, 8> splitFingerprint(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 8> parts;
  text.split(parts, ';', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  llvm::SmallVector<Field, 8> fields;
  for (llvm::StringRef part : parts) {
    auto [name, value] = part.split('=');
    fields.push_back({name, value});
  }
  return fields;
}

llvm::StringRef valueOf(llvm::ArrayRef<Field> fields, llvm::StringRef name) {
  for (const Field &field : fields)
    if (field.name == name)
      return field.value;
  return "unknown";
}

std::string difference(const Field &host, llvm::StringRef plugin) {
  const auto named = [&](llvm::StringRef what) {
    return (what + " (it: " + plugin + ", opt-run: " + host.value + ")").str();
  };
  // A digest tells a person nothing.
  if (host.name == "headers")
    return "it was built against the headers of another OptRun";
  if (host.name == "llvm")
    return named("it was built against another LLVM");
  if (host.name == "stdlib")
    return named("it was built with another C++ standard library");
  if (host.name == "assertions")
    return named("it was built with other assertion settings");
  if (host.name == "sanitizers")
    return named("it was built with other sanitizers");
  return named(("it was built with another '" + host.name + "'").str());
}

llvm::Error refuse(const llvm::Twine &why) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 why + "; rebuild it with this OptRun's SDK");
}

} // namespace

ElfNote optrun::hostNote() { return {OPTRUN_ABI_MAJOR, OPTRUN_ABI_MINOR, OPTRUN_FINGERPRINT}; }

llvm::Error optrun::checkCompatible(const ElfNote &plugin, const ElfNote &host) {
  if (plugin.abiMajor != host.abiMajor)
    return refuse("its plugin ABI is version " + llvm::Twine(plugin.abiMajor) +
                  ", this opt-run's " + llvm::Twine(host.abiMajor));
  if (plugin.abiMinor > host.abiMinor)
    return refuse("it needs plugin ABI " + llvm::Twine(plugin.abiMajor) + "." +
                  llvm::Twine(plugin.abiMinor) + ", this opt-run has " +
                  llvm::Twine(host.abiMajor) + "." + llvm::Twine(host.abiMinor));
  const auto hostFields = splitFingerprint(host.fingerprint);
  const auto pluginFields = splitFingerprint(plugin.fingerprint);
  llvm::SmallVector<std::string, 4> differences;
  for (const Field &field : hostFields)
    if (llvm::StringRef value = valueOf(pluginFields, field.name); value != field.value)
      differences.push_back(difference(field, value));
  if (differences.empty() && pluginFields.size() != hostFields.size())
    differences.push_back("its fingerprint has fields that this opt-run does not know");
  if (differences.empty())
    return llvm::Error::success();
  return refuse(llvm::join(differences, "; "));
}

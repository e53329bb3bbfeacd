// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What must hold before and after a pass.

#include "Pass/PackageChecks.h"

#include "optrun/Onnx/Checks.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace optrun;

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

AttachmentSnapshot optrun::snapshot(const ir::AttachmentSet &attachments) {
  AttachmentSnapshot result;
  for (const auto &[id, attachment] : attachments.all())
    result.emplace(id, attachment.get());
  return result;
}

llvm::Error optrun::checkReads(const PassInfo &info, const ir::AttachmentSet &attachments) {
  for (const std::string &id : info.reads)
    if (!attachments.find(id))
      return makeError("needs " + id + ", which a pass before it removed");
  return llvm::Error::success();
}

llvm::Error optrun::checkWrites(const PassInfo &info, const AttachmentSnapshot &before,
                                const ir::AttachmentSet &after) {
  for (const std::string &id : info.writes)
    if (auto place = before.find(id);
        !after.find(id) || (place != before.end() && place->second == after.find(id)))
      return makeError("did not write " + id + ", which it declares to write (PassInfo::writes)");
  for (const auto &[id, attachment] : after.all()) {
    auto place = before.find(id);
    const bool isNew = place == before.end() || place->second != attachment.get();
    if (isNew && !llvm::is_contained(info.writes, id) && !llvm::is_contained(info.mayWrite, id))
      return makeError("wrote " + id + ", which it does not declare (PassInfo::writes)");
  }
  return llvm::Error::success();
}

llvm::Error optrun::checkPackage(const ir::Package &package) {
  if (package.components.empty())
    return makeError("left a package without components");
  llvm::StringSet<> names;
  for (const auto &component : package.components) {
    if (!component)
      return makeError("left a component that is null");
    if (component->name.empty())
      return makeError("left a component without a name");
    if (!names.insert(component->name).second)
      return makeError("left two components named '" + component->name + "'");
  }
  return llvm::Error::success();
}

llvm::Error optrun::verifyPackage(const ir::Package &package) {
  const auto verifyComponent = [](const ir::Component &component) -> llvm::Error {
    if (llvm::Error error = ir::verifyGraph(component.graph))
      return error;
    for (const auto &function : component.functions)
      if (llvm::Error error = ir::verifyGraph(function->body))
        return error;
    return onnx::checkModel(component);
  };
  for (const auto &component : package.components)
    if (llvm::Error error = verifyComponent(*component))
      return makeError("left component '" + component->name +
                       "' in a bad state (--verify-each): " + llvm::toString(std::move(error)));
  return llvm::Error::success();
}

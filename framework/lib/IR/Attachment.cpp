// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Attachments and the set of them.

#include "optrun/IR/Attachment.h"

namespace optrun::ir {

// Defined here so that the class has one home for its type information, in libOptRun.
Attachment::~Attachment() = default;

void AttachmentSet::set(std::unique_ptr<Attachment> attachment) {
  std::string id = attachment->id().str();
  byId.insert_or_assign(std::move(id), std::move(attachment));
}

void AttachmentSet::erase(llvm::StringRef id) {
  if (auto found = byId.find(std::string_view(id)); found != byId.end())
    byId.erase(found);
}

const Attachment *AttachmentSet::find(llvm::StringRef id) const {
  auto found = byId.find(std::string_view(id));
  return found == byId.end() ? nullptr : found->second.get();
}

} // namespace optrun::ir

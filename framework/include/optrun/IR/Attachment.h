// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Typed, named, versioned results that passes hand on, such as "optrun.SplitPlan/1".
///
/// Identity is the name with its version, never a C++ type identity: passes live in different
/// shared libraries.

#ifndef OPTRUN_IR_ATTACHMENT_H
#define OPTRUN_IR_ATTACHMENT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <memory>
#include <string>

namespace optrun::ir {

/// Derived classes define `static constexpr llvm::StringLiteral Id = "vendor.Name/version";` and
/// hold plain data.
class Attachment {
public:
  virtual ~Attachment();
  virtual llvm::StringRef id() const = 0;
  /// One fact a line, for dumps.
  virtual void print(llvm::raw_ostream &os) const = 0;
};

/// At most one attachment of each id.
class AttachmentSet {
public:
  void set(std::unique_ptr<Attachment> attachment);
  void erase(llvm::StringRef id);
  const Attachment *find(llvm::StringRef id) const;

  /// The attachment of type \p T, or null. \p T::Id decides.
  template <typename T> const T *get() const { return static_cast<const T *>(find(T::Id)); }

  const auto &all() const { return byId; }

private:
  std::map<std::string, std::unique_ptr<Attachment>, std::less<>> byId;
};

} // namespace optrun::ir

#endif // OPTRUN_IR_ATTACHMENT_H

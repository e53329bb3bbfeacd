// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What must hold before and after a pass.

#ifndef OPTRUN_LIB_PASS_PACKAGECHECKS_H
#define OPTRUN_LIB_PASS_PACKAGECHECKS_H

#include "optrun/Pass/Pass.h"

namespace optrun {

/// Which attachments a package has, to find out later which are new.
using AttachmentSnapshot = std::map<std::string, const ir::Attachment *, std::less<>>;
AttachmentSnapshot snapshot(const ir::AttachmentSet &attachments);

/// An error when an attachment that \p info reads is not there (a pass before removed it).
llvm::Error checkReads(const PassInfo &info, const ir::AttachmentSet &attachments);

/// An error when a pass did not leave what \p info declares, or left what it does not.
llvm::Error checkWrites(const PassInfo &info, const AttachmentSnapshot &before,
                        const ir::AttachmentSet &after);

/// Cheap: at least one component, each with a name of its own.
llvm::Error checkPackage(const ir::Package &package);

/// For --verify-each: every graph's structure and the ONNX checker. Names the component.
llvm::Error verifyPackage(const ir::Package &package);

} // namespace optrun

#endif // OPTRUN_LIB_PASS_PACKAGECHECKS_H

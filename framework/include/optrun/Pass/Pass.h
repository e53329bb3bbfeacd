// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a pass is: PassInfo, options, and run().
///
/// \code
///   class SplitByCount final : public PackagePass {
///   public:
///     using Options = SplitByCountOptions;
///     static PassInfo info();
///     explicit SplitByCount(Options options);
///     llvm::Error run(ir::Package &package, PassContext &context) override;
///   };
///   OPTRUN_PLUGIN("split-by-count", OPTRUN_VERSION, SplitByCount)
/// \endcode

#ifndef OPTRUN_PASS_PASS_H
#define OPTRUN_PASS_PASS_H

#include "optrun/IR/Package.h"
#include "optrun/Options/Options.h"

namespace optrun {

class PassContext;
class CheckContext;

struct PassInfo {
  std::string id;          // kebab-case, unique in a process
  std::string summary;     // one line
  std::string description; // Markdown; what it does, what it needs, what it leaves behind
  unsigned version = 1;
  /// Attachments that must be there, may be there, and are there after a run. Enforced: a recipe in
  /// which nothing before writes a required attachment is refused before the first pass runs, and a
  /// pass that did not write what it declares has failed.
  std::vector<std::string> reads, readsIfPresent, writes;
  /// Attachments that are there after some runs. CheckContext::leavesOut() says which ones are not.
  std::vector<std::string> mayWrite;
  /// True for passes that make the package (capture); every other pass needs one before it.
  bool isSource = false;
  /// False for passes that can do without: they may come before the pass that makes the package, or
  /// in a recipe without one, and are then given an empty package.
  bool needsModel = true;
};

class Pass {
public:
  virtual ~Pass();
  /// What can be checked before the first pass runs: files exist, outputs can be written, options
  /// fit together. Reports through the context, with the location of the option at fault.
  virtual void check(CheckContext &context);
};

/// Works on the whole package.
class PackagePass : public Pass {
public:
  virtual llvm::Error run(ir::Package &package, PassContext &context) = 0;
};

/// Works on one component at a time; components may run in parallel, so a run touches only its own
/// component and the context. Attachments are read through context.package().
class ComponentPass : public Pass {
public:
  virtual llvm::Error run(ir::Component &component, PassContext &context) = 0;
};

} // namespace optrun

#endif // OPTRUN_PASS_PASS_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Runs a function as a pass, for tests of what needs a pass's context.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_PASSBODY_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_PASSBODY_H

#include "TestSupport/Errors.h"

#include "optrun/Pass/PassContext.h"
#include "optrun/Pass/PassManager.h"

namespace optrun::test {

using PassBody = std::function<llvm::Error(PassContext &)>;

/// The message of the error that \p body returns; empty for success. What it says meanwhile is in
/// \p diagnostics.
inline std::string runBody(PassBody body, const RunSettings &settings, Diagnostics &diagnostics) {
  class Body final : public PackagePass {
  public:
    explicit Body(PassBody body) : body(std::move(body)) {}
    llvm::Error run(ir::Package &, PassContext &context) override { return body(context); }

  private:
    PassBody body;
  };
  PassEntry entry;
  entry.info = {.id = "body", .needsModel = false};
  entry.create = [&](const ConfigNode &, Diagnostics &) { return std::make_unique<Body>(body); };
  PassRegistry registry;
  llvm::cantFail(registry.add(std::move(entry)));
  RegistryResolver resolver(registry);
  PipelineRequest request{"test", "", {}};
  request.passes.push_back({"body", "", {}, {}});
  std::optional<Pipeline> pipeline = planPipeline(request, resolver, diagnostics);
  RunResult result;
  return errorOf(PassManager(settings, diagnostics).run(*pipeline, result));
}

inline std::string runBody(PassBody body, const RunSettings &settings = {}) {
  Diagnostics diagnostics(nullptr);
  return runBody(std::move(body), settings, diagnostics);
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_PASSBODY_H

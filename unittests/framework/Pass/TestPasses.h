// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Passes made of a lambda, and recipes made of their ids, for tests of what runs passes.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_PASS_TESTPASSES_H
#define OPTRUN_UNITTESTS_FRAMEWORK_PASS_TESTPASSES_H

#include "optrun/Pass/PassContext.h"
#include "optrun/Pass/PassManager.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

namespace optrun::test {

using PackageBody = std::function<llvm::Error(ir::Package &, PassContext &)>;
using ComponentBody = std::function<llvm::Error(ir::Component &, PassContext &)>;
using CheckBody = std::function<void(CheckContext &)>;

class LambdaPass final : public PackagePass {
public:
  LambdaPass(PackageBody body, CheckBody checkBody)
      : body(std::move(body)), checkBody(std::move(checkBody)) {}
  llvm::Error run(ir::Package &package, PassContext &context) override {
    return body ? body(package, context) : llvm::Error::success();
  }
  void check(CheckContext &context) override {
    if (checkBody)
      checkBody(context);
  }

private:
  PackageBody body;
  CheckBody checkBody;
};

class ComponentLambdaPass final : public ComponentPass {
public:
  explicit ComponentLambdaPass(ComponentBody body) : body(std::move(body)) {}
  llvm::Error run(ir::Component &component, PassContext &context) override {
    return body(component, context);
  }

private:
  ComponentBody body;
};

/// A pass without options. \p info.id is set by name.
inline PassEntry packagePass(PassInfo info, PackageBody body = nullptr,
                             CheckBody checkBody = nullptr) {
  PassEntry entry;
  entry.info = std::move(info);
  entry.create = [body, checkBody](const ConfigNode &, Diagnostics &) {
    return std::make_unique<LambdaPass>(body, checkBody);
  };
  return entry;
}

inline PassEntry componentPass(PassInfo info, ComponentBody body) {
  PassEntry entry;
  entry.info = std::move(info);
  entry.anchor = PassAnchor::Component;
  entry.create = [body](const ConfigNode &, Diagnostics &) {
    return std::make_unique<ComponentLambdaPass>(body);
  };
  return entry;
}

/// The first pass of every chain here: empty components of these names.
inline PassEntry sourcePass(std::vector<std::string> names = {"model"}) {
  return packagePass({.id = "source", .isSource = true},
                     [names](ir::Package &package, PassContext &) {
                       for (const std::string &name : names) {
                         package.components.push_back(std::make_unique<ir::Component>());
                         package.components.back()->name = name;
                       }
                       return llvm::Error::success();
                     });
}

inline llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// An attachment that is nothing but its id, which may be any.
class Note final : public ir::Attachment {
public:
  explicit Note(std::string name) : name(std::move(name)) {}
  llvm::StringRef id() const override { return name; }
  void print(llvm::raw_ostream &os) const override { os << name; }

private:
  std::string name;
};

/// A registry, a recipe of pass ids, and what comes of them.
class PassTest : public testing::Test {
protected:
  void add(PassEntry entry) { llvm::cantFail(registry.add(std::move(entry))); }

  std::optional<Pipeline> plan(std::vector<std::string> ids) {
    PipelineRequest request{"test", "", {}};
    for (std::string &id : ids)
      request.passes.push_back({std::move(id), "", {}, {}});
    RegistryResolver resolver(registry);
    return planPipeline(request, resolver, diagnostics);
  }

  /// The messages of the errors, a line each.
  std::string errors() const {
    std::vector<std::string> lines;
    for (const Diagnostic &diagnostic : diagnostics.all())
      if (diagnostic.severity == Severity::Error)
        lines.push_back(diagnostic.message);
    return llvm::join(lines, "\n");
  }

  /// "success", or the message of the error.
  std::string run(std::vector<std::string> ids, RunSettings settings = {}) {
    auto pipeline = plan(std::move(ids));
    if (!pipeline)
      return "not planned: " + errors();
    PassManager manager(settings, diagnostics);
    for (RunObserver *observer : observers)
      manager.addObserver(*observer);
    llvm::Error error = manager.run(*pipeline, result);
    return error ? llvm::toString(std::move(error)) : "success";
  }

  PassRegistry registry;
  Diagnostics diagnostics{nullptr};
  std::vector<RunObserver *> observers;
  RunResult result;
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_PASS_TESTPASSES_H

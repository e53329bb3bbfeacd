// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of how passes are registered.

#include "TestPasses.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

struct RepeatOptions {
  int64_t times = 1;
  static void bind(OptionBinder<RepeatOptions> &bind) {
    bind.option("times", &RepeatOptions::times, "How often.").range(1, 10);
  }
};

class Repeat final : public ComponentPass {
public:
  using Options = RepeatOptions;
  static PassInfo info() { return {.id = "repeat", .summary = "Repeats.", .version = 2}; }
  explicit Repeat(Options options) : options(options) {}
  llvm::Error run(ir::Component &, PassContext &) override { return llvm::Error::success(); }
  Options options;
};

ConfigNode mapping(const std::string &key, const std::string &value) {
  ConfigNode scalar{.kind = ConfigNode::Kind::Scalar, .scalar = value};
  ConfigNode node{.kind = ConfigNode::Kind::Mapping};
  node.entries.push_back({key, {}, scalar});
  return node;
}

TEST(PassRegistry, takesInfoAnchorAndOptionsFromThePassType) {
  PassRegistry registry;
  registry.add<Repeat>();
  const PassEntry *entry = registry.find("repeat");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->info.version, 2u);
  EXPECT_EQ(entry->anchor, PassAnchor::Component);
  EXPECT_EQ(entry->options.names(), std::vector<std::string>{"times"});
}

TEST(PassRegistry, makesThePassFromARecipesOptions) {
  PassRegistry registry;
  registry.add<Repeat>();
  Diagnostics diagnostics(nullptr);
  auto pass = registry.find("repeat")->create(mapping("times", "3"), diagnostics);
  ASSERT_TRUE(pass);
  EXPECT_EQ(static_cast<Repeat &>(*pass).options.times, 3);
}

TEST(PassRegistry, makesNothingFromWrongOptionsAndSaysWhy) {
  PassRegistry registry;
  registry.add<Repeat>();
  Diagnostics diagnostics(nullptr);
  EXPECT_FALSE(registry.find("repeat")->create(mapping("times", "11"), diagnostics));
  EXPECT_EQ(diagnostics.errorCount(), 1u);
}

TEST(PassRegistry, namesBothLibrariesOfADuplicate) {
  PassRegistry registry;
  PassEntry first = packagePass({.id = "prune"});
  first.plugin = "a.so";
  PassEntry second = packagePass({.id = "prune"});
  second.plugin = "b.so";
  EXPECT_FALSE(registry.add(first));
  EXPECT_EQ(llvm::toString(registry.add(second)),
            "pass 'prune' is registered by 'a.so' and by 'b.so'");
}

TEST(PassRegistry, keepsTheErrorsOfTypedRegistrationForTheLoader) {
  PassRegistry registry;
  registry.add<Repeat>();
  registry.add<Repeat>();
  EXPECT_EQ(llvm::toString(registry.takeError()), "pass 'repeat' is registered twice");
  EXPECT_FALSE(registry.takeError());
}

TEST(PassRegistry, acceptsKebabCaseOnly) {
  for (llvm::StringRef good : {"prune", "split-by-count", "int8"})
    EXPECT_TRUE(isPassId(good)) << good.str();
  for (llvm::StringRef bad : {"", "Prune", "a_b", "-a", "a-", "a--b", "8bit", "a b", "../a", "a/b"})
    EXPECT_FALSE(isPassId(bad)) << bad.str();
  PassRegistry registry;
  EXPECT_THAT(llvm::toString(registry.add(packagePass({.id = "../evil"}))),
              HasSubstr("'../evil' is no pass id"));
}

TEST(PassRegistry, refusesAComponentPassThatWritesAttachments) {
  PassRegistry registry;
  EXPECT_THAT(llvm::toString(
                  registry.add(componentPass({.id = "prune", .writes = {"test.Note/1"}}, nullptr))),
              HasSubstr("can neither write attachments nor be a source"));
}

TEST(PassRegistry, listsPassesInOrderOfId) {
  PassRegistry registry;
  for (const char *id : {"verify", "capture", "export"})
    llvm::cantFail(registry.add(packagePass({.id = id})));
  std::vector<std::string> ids;
  for (const PassEntry *entry : registry.all())
    ids.push_back(entry->info.id);
  EXPECT_THAT(ids, testing::ElementsAre("capture", "export", "verify"));
}

} // namespace

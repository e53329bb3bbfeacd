// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of loading: what works, what is refused with which words, and how passes are found.

#include "optrun/Plugin/PluginLoader.h"

#include "PluginFixtures.h"
#include "TestSupport/TemporaryFolder.h"

#include <filesystem>
#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

std::string messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "success";
}

std::string load(const std::string &path) {
  PassRegistry registry;
  PluginLoader loader(registry, {});
  std::string message = messageOf(loader.load(path));
  if (message != "success") {
    EXPECT_THAT(message, testing::StartsWith("cannot load plugin '" + path + "': "));
    EXPECT_TRUE(registry.all().empty()) << "a refused plugin left passes behind";
  }
  return message;
}

TEST(PluginLoader, loadsAPluginAndKnowsWhereItsPassesComeFrom) {
  PassRegistry registry;
  PluginLoader loader(registry, {});
  ASSERT_EQ(messageOf(loader.load(pluginFixture("good"))), "success");
  ASSERT_EQ(loader.plugins().size(), 1u);
  EXPECT_EQ(loader.plugins()[0].name, "good");
  EXPECT_EQ(loader.plugins()[0].version, "1.2.3");
  EXPECT_THAT(loader.plugins()[0].passes, ElementsAre("make-model", "write-file"));
  EXPECT_EQ(registry.find("make-model")->plugin, pluginFixture("good"));
}

TEST(PluginLoader, loadsAFileOnceHoweverItIsNamed) {
  TemporaryFolder folder;
  fs::create_symlink(pluginFixture("good"), folder.path("link.so"));
  PassRegistry registry;
  PluginLoader loader(registry, {});
  EXPECT_EQ(messageOf(loader.load(pluginFixture("good"))), "success");
  EXPECT_EQ(messageOf(loader.load(folder.path("link.so"))), "success");
  EXPECT_EQ(loader.plugins().size(), 1u);
}

// Broken plugins. Files that are no plugins at all: ElfNoteTest.

TEST(PluginLoader, refusesFilesThatAreNoPlugins) {
  TemporaryFolder folder;
  EXPECT_THAT(load(folder.path("missing.so")), HasSubstr("No such file or directory"));
  EXPECT_THAT(load(folder.write("empty.so", "")), HasSubstr("the file is empty"));
  EXPECT_THAT(load(folder.write("text.so", "hello")), HasSubstr("not a shared library"));
  std::string good = readFile(pluginFixture("good"));
  EXPECT_THAT(load(folder.write("cut.so", good.substr(0, good.size() / 2))),
              HasSubstr("the file is truncated"));
  EXPECT_THAT(load(pluginFixture("no-note")), HasSubstr("not an OptRun plugin"));
}

TEST(PluginLoader, refusesOtherBuildsBeforeALineOfThemRuns) {
  // These abort in a static initializer.
  EXPECT_THAT(load(pluginFixture("other-headers")), HasSubstr("the headers of another OptRun"));
  EXPECT_THAT(load(pluginFixture("other-sanitizers")),
              HasSubstr("other sanitizers (it: some-other-sanitizer"));
  EXPECT_THAT(load(pluginFixture("wrong-major")), HasSubstr("its plugin ABI is version 99"));
}

TEST(PluginLoader, refusesALibraryWithAnUndefinedSymbol) {
  EXPECT_THAT(load(pluginFixture("undefined-symbol")),
              HasSubstr("undefined symbol: thirdparty::computeNothing(int)"));
}

TEST(PluginLoader, refusesBadEntryPointsAndDescriptors) {
  EXPECT_THAT(load(pluginFixture("no-entry-point")), HasSubstr("it has no entry point"));
  EXPECT_THAT(load(pluginFixture("null-descriptor")), HasSubstr("its descriptor is incomplete"));
  EXPECT_THAT(load(pluginFixture("contradiction")), HasSubstr("contradicts its .note.optrun note"));
  EXPECT_THAT(load(pluginFixture("no-passes")), HasSubstr("it registers no passes"));
}

TEST(PluginLoader, refusesAPluginThatThrowsInRegistration) {
  EXPECT_THAT(load(pluginFixture("throws-in-registration")),
              HasSubstr("registration failed: uncaught exception: no info today"));
}

TEST(PluginLoader, namesBothLibrariesOfADuplicatePass) {
  PassRegistry registry;
  PluginLoader loader(registry, {});
  EXPECT_EQ(messageOf(loader.load(pluginFixture("duplicate-a"))), "success");
  EXPECT_THAT(messageOf(loader.load(pluginFixture("duplicate-b"))),
              AllOf(HasSubstr("pass 'duplicate' is in two libraries"),
                    HasSubstr(pluginFixture("duplicate-a")),
                    HasSubstr(pluginFixture("duplicate-b"))));
  EXPECT_THAT(load(pluginFixture("twice-in-one")), HasSubstr("'duplicate' is registered twice"));
}

TEST(PluginLoader, keepsPluginsApart) {
  PassRegistry registry;
  PluginLoader loader(registry, {});
  ASSERT_EQ(messageOf(loader.load(pluginFixture("isolated-a"))), "success");
  ASSERT_EQ(messageOf(loader.load(pluginFixture("isolated-b"))), "success");
  EXPECT_EQ(registry.find("isolated-a")->info.summary, "isolated-a");
  EXPECT_EQ(registry.find("isolated-b")->info.summary, "isolated-b");
}

// Search.

class PluginSearch : public testing::Test {
protected:
  /// Puts a fixture into a folder under a name of its own.
  void install(const std::string &fixture, const std::string &to) {
    fs::create_directories(fs::path(folder.path(to)).parent_path());
    fs::copy_file(pluginFixture(fixture), folder.path(to));
  }
  /// The library of a pass, or the message.
  std::string find(PluginLoader &loader, const char *id) {
    auto entry = loader.resolve(id);
    if (!entry)
      return llvm::toString(entry.takeError());
    return *entry ? (*entry)->plugin : "unknown";
  }

  TemporaryFolder folder;
  PassRegistry registry;
};

TEST_F(PluginSearch, loadsOnlyTheLibraryNamedAfterThePass) {
  install("isolated-a", "p/optrun-pass-isolated-a.so");
  install("isolated-b", "p/optrun-pass-isolated-b.so");
  PluginLoader loader(registry, {folder.path("p")});
  EXPECT_EQ(find(loader, "isolated-a"), folder.path("p/optrun-pass-isolated-a.so"));
  EXPECT_EQ(loader.plugins().size(), 1u);
}

TEST_F(PluginSearch, looksIntoEveryLibraryForAPassThatNoneIsNamedAfter) {
  install("good", "p/anything.so");
  install("no-note", "p/other.so");
  PluginLoader loader(registry, {folder.path("p")});
  EXPECT_EQ(find(loader, "write-file"), folder.path("p/anything.so"));
  EXPECT_THAT(loader.problems(), ElementsAre(HasSubstr("not an OptRun plugin")));
}

TEST_F(PluginSearch, searchesFoldersInOrder) {
  install("isolated-a", "first/optrun-pass-isolated-a.so");
  install("isolated-b", "second/optrun-pass-isolated-b.so");
  PluginLoader loader(registry, {folder.path("first"), folder.path("second")});
  EXPECT_EQ(find(loader, "isolated-b"), folder.path("second/optrun-pass-isolated-b.so"));
}

TEST_F(PluginSearch, refusesToChooseBetweenTwoLibraries) {
  install("isolated-a", "first/optrun-pass-isolated-a.so");
  install("isolated-a", "second/optrun-pass-isolated-a.so");
  PluginLoader loader(registry, {folder.path("first"), folder.path("second")});
  EXPECT_THAT(find(loader, "isolated-a"),
              AllOf(HasSubstr("in two libraries"), HasSubstr("/first/"), HasSubstr("/second/")));
}

TEST_F(PluginSearch, refusesToChooseAlsoWhenAScanFindsThem) {
  install("duplicate-a", "p/a.so");
  install("duplicate-b", "p/b.so");
  PluginLoader loader(registry, {folder.path("p")});
  EXPECT_THAT(find(loader, "duplicate"), HasSubstr("in two libraries"));
}

TEST_F(PluginSearch, refusesToChooseBetweenAPluginOfTheUserAndTheFolders) {
  install("isolated-a", "p/optrun-pass-isolated-a.so");
  PluginLoader loader(registry, {folder.path("p")});
  EXPECT_EQ(messageOf(loader.load(pluginFixture("isolated-a"))), "success");
  EXPECT_THAT(find(loader, "isolated-a"), HasSubstr("in two libraries"));
}

TEST_F(PluginSearch, takesAFolderThatIsListedTwiceForOne) {
  install("isolated-a", "p/optrun-pass-isolated-a.so");
  PluginLoader loader(registry, {folder.path("p"), folder.path("p/."), folder.path("p")});
  EXPECT_EQ(find(loader, "isolated-a"), folder.path("p/optrun-pass-isolated-a.so"));
}

TEST_F(PluginSearch, saysWhatIsWrongWithTheLibraryOfAPass) {
  folder.write("p/optrun-pass-prune.so", "");
  PluginLoader loader(registry, {folder.path("p")});
  EXPECT_THAT(find(loader, "prune"), HasSubstr("the file is empty"));
}

TEST_F(PluginSearch, wantsAFileToHaveThePassThatItIsNamedAfter) {
  install("good", "p/optrun-pass-prune.so");
  PluginLoader loader(registry, {folder.path("p")});
  EXPECT_THAT(find(loader, "prune"),
              HasSubstr("has no pass 'prune', which its file name promises"));
}

TEST_F(PluginSearch, neverMakesAPathFromWhatIsNoId) {
  install("good", "optrun-pass-good.so");
  PluginLoader loader(registry, {folder.path("p")});
  EXPECT_EQ(find(loader, "x/../../optrun-pass-good"), "unknown");
  EXPECT_TRUE(loader.plugins().empty());
}

TEST_F(PluginSearch, knowsThatAFolderIsMissing) {
  PluginLoader loader(registry, {folder.path("nowhere")});
  EXPECT_EQ(find(loader, "prune"), "unknown");
  EXPECT_THAT(loader.problems(), ElementsAre(HasSubstr("cannot read plugin folder")));
}

TEST_F(PluginSearch, readsFoldersFromTheEnvironment) {
  setenv("OPT_RUN_PLUGIN_PATH", "/a::/b:", 1);
  EXPECT_THAT(PluginLoader::foldersFromEnvironment(), ElementsAre("/a", "/b"));
  unsetenv("OPT_RUN_PLUGIN_PATH");
  EXPECT_TRUE(PluginLoader::foldersFromEnvironment().empty());
}

TEST(PluginFolder, liesBesideTheLibrary) {
  EXPECT_EQ(fs::weakly_canonical(PluginLoader::builtInFolder()),
            fs::weakly_canonical(buildDir() + "/lib/optrun/passes"));
}

} // namespace

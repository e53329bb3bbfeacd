// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of a run: order, attachments, failures, components in parallel, records.

#include "TestPasses.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"

#include "optrun/Storage/OutputFile.h"
#include "optrun/Support/OptionError.h"

#include <chrono>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <stdexcept>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Keeps what is said.
class Recorder final : public RunObserver {
public:
  void passStarted(const PassStep &pass) override { add("start " + pass.id.str()); }
  void passEnded(const PassStep &pass, const PassUsage &usage) override {
    add((usage.failed ? "failed " : "end ") + pass.id.str());
  }
  void message(Severity severity, llvm::StringRef pass, llvm::StringRef text) override {
    add(severity == Severity::Error ? ("error " + text).str() : (pass + ": " + text).str());
  }
  void runEnded(Outcome outcome, double) override {
    add(outcome == Outcome::Done ? "done" : outcome == Outcome::Failed ? "failed" : "interrupted");
  }

  std::vector<std::string> events;

private:
  void add(std::string event) {
    std::lock_guard lock(mutex);
    events.push_back(std::move(event));
  }
  std::mutex mutex;
};

class PassManagerTest : public PassTest {
protected:
  PassManagerTest() { observers.push_back(&recorder); }

  void addNamed(const char *id, PackageBody body) { add(packagePass({.id = id}, std::move(body))); }

  Recorder recorder;
};

TEST_F(PassManagerTest, runsThePassesInOrder) {
  add(sourcePass());
  addNamed("second", [](ir::Package &package, PassContext &) {
    package.components[0]->name = "renamed";
    return llvm::Error::success();
  });
  EXPECT_EQ(run({"source", "second"}), "success");
  EXPECT_EQ(result.package.components[0]->name, "renamed");
  EXPECT_THAT(recorder.events,
              ElementsAre("start source", "end source", "start second", "end second", "done"));
}

TEST_F(PassManagerTest, stopsAtAnErrorAndNamesThePass) {
  add(sourcePass());
  addNamed("broken", [](ir::Package &, PassContext &) { return failure("no such layer"); });
  addNamed("never", [](ir::Package &, PassContext &) -> llvm::Error { std::abort(); });
  EXPECT_EQ(run({"source", "broken", "never"}), "broken: no such layer");
  EXPECT_THAT(recorder.events,
              ElementsAre("start source", "end source", "start broken", "failed broken",
                          "error broken: no such layer", "failed"));
}

TEST_F(PassManagerTest, turnsAnExceptionIntoAnErrorThatNamesPassAndLibrary) {
  add(sourcePass());
  PassEntry entry = packagePass({.id = "thrower"}, [](ir::Package &, PassContext &) -> llvm::Error {
    throw std::out_of_range("index 7");
  });
  entry.plugin = "thrower.so";
  add(entry);
  EXPECT_EQ(run({"source", "thrower"}),
            "pass 'thrower' (plugin 'thrower.so'): uncaught exception: index 7");
}

TEST_F(PassManagerTest, doesTheSameForExceptionsInParallelLoops) {
  add(sourcePass());
  addNamed("thrower", [](ir::Package &, PassContext &context) {
    return context.parallelFor(100, [](size_t i) -> llvm::Error {
      if (i >= 50)
        throw std::runtime_error("item " + std::to_string(i));
      return llvm::Error::success();
    });
  });
  EXPECT_EQ(run({"source", "thrower"}, {.threads = 4}),
            "pass 'thrower': uncaught exception: item 50");
}

TEST_F(PassManagerTest, saysThatMemoryRanOut) {
  add(sourcePass());
  addNamed("greedy", [](ir::Package &, PassContext &) -> llvm::Error { throw std::bad_alloc(); });
  EXPECT_THAT(run({"source", "greedy"}), HasSubstr("greedy: out of memory"));
}

// Attachments.

llvm::Error writeNote(ir::Package &package) {
  package.attachments.set(std::make_unique<Note>("test.Note/1"));
  return llvm::Error::success();
}

TEST_F(PassManagerTest, refusesAPassThatDoesNotWriteWhatItDeclares) {
  add(sourcePass());
  add(packagePass({.id = "forgetful", .writes = {"test.Note/1"}}));
  EXPECT_THAT(run({"source", "forgetful"}),
              HasSubstr("forgetful: did not write test.Note/1, which it declares"));
}

TEST_F(PassManagerTest, takesNothingThatWasThereForAResult) {
  add(sourcePass());
  add(packagePass({.id = "writer", .writes = {"test.Note/1"}},
                  [](ir::Package &package, PassContext &) { return writeNote(package); }));
  add(packagePass({.id = "forgetful", .writes = {"test.Note/1"}}));
  EXPECT_THAT(run({"source", "writer", "forgetful"}),
              HasSubstr("forgetful: did not write test.Note/1"));
}

TEST_F(PassManagerTest, refusesAPassThatWritesWhatItDoesNotDeclare) {
  add(sourcePass());
  addNamed("secretive", [](ir::Package &package, PassContext &) { return writeNote(package); });
  EXPECT_THAT(run({"source", "secretive"}),
              HasSubstr("secretive: wrote test.Note/1, which it does not declare"));
}

TEST_F(PassManagerTest, leavesItToAPassWhetherItWritesWhatItMayWrite) {
  add(sourcePass());
  const PassInfo info = {.id = "talkative", .mayWrite = {"test.Note/1"}};
  add(packagePass(info, [](ir::Package &package, PassContext &) { return writeNote(package); }));
  add(packagePass({.id = "silent", .mayWrite = {"test.Other/1"}}));
  EXPECT_EQ(run({"source", "talkative", "silent"}), "success");
}

TEST_F(PassManagerTest, refusesToReplaceWhatAnotherPassWrote) {
  add(sourcePass());
  add(packagePass({.id = "writer", .writes = {"test.Note/1"}},
                  [](ir::Package &package, PassContext &) { return writeNote(package); }));
  addNamed("vandal", [](ir::Package &package, PassContext &) { return writeNote(package); });
  EXPECT_THAT(run({"source", "writer", "vandal"}), HasSubstr("vandal: wrote test.Note/1"));
}

TEST_F(PassManagerTest, noticesThatAPassRemovedWhatALaterOneReads) {
  add(sourcePass());
  add(packagePass({.id = "writer", .writes = {"test.Note/1"}},
                  [](ir::Package &package, PassContext &) { return writeNote(package); }));
  addNamed("remover", [](ir::Package &package, PassContext &) {
    package.attachments.erase("test.Note/1");
    return llvm::Error::success();
  });
  add(packagePass({.id = "reader", .reads = {"test.Note/1"}}));
  EXPECT_EQ(run({"source", "writer", "remover", "reader"}),
            "reader: needs test.Note/1, which a pass before it removed");
}

TEST_F(PassManagerTest, refusesPackagesThatMakeNoSense) {
  add(sourcePass({"a", "a"}));
  EXPECT_EQ(run({"source"}), "source: left two components named 'a'");
}

TEST_F(PassManagerTest, refusesASourceThatMakesNothing) {
  add(sourcePass({}));
  EXPECT_EQ(run({"source"}), "source: left a package without components");
}

TEST_F(PassManagerTest, runsAPassThatNeedsNoModelWithoutOne) {
  bool sawNoComponents = false;
  add(packagePass({.id = "measure", .needsModel = false}, [&](ir::Package &package, PassContext &) {
    sawNoComponents = package.components.empty();
    return llvm::Error::success();
  }));
  EXPECT_EQ(run({"measure"}), "success");
  EXPECT_TRUE(sawNoComponents);
}

// Components in parallel.

TEST_F(PassManagerTest, runsAComponentPassOnEachAndHearsThemInOrder) {
  add(sourcePass({"c", "a", "b"}));
  add(componentPass({.id = "visit"}, [](ir::Component &component, PassContext &context) {
    context.remark("visited " + component.name);
    context.statistic("components", 1);
    return llvm::Error::success();
  }));
  for (unsigned threads : {1u, 4u}) {
    result = {};
    recorder.events.clear();
    EXPECT_EQ(run({"source", "visit"}, {.threads = threads}), "success");
    EXPECT_THAT(recorder.events,
                ElementsAre("start source", "end source", "start visit", "visit: visited c",
                            "visit: visited a", "visit: visited b", "end visit", "done"));
    EXPECT_EQ(result.passes[1].statistics.at("components"), 3);
  }
}

TEST_F(PassManagerTest, reportsTheFirstComponentThatFailedNotTheFastest) {
  std::vector<std::string> names;
  for (int i = 0; i < 50; ++i)
    names.push_back("part" + std::to_string(i));
  add(sourcePass(names));
  add(componentPass({.id = "picky"}, [](ir::Component &component, PassContext &) -> llvm::Error {
    if (component.name < "part3")
      return llvm::Error::success();
    return failure("will not do");
  }));
  for (int round = 0; round < 20; ++round) {
    result = {};
    EXPECT_EQ(run({"source", "picky"}, {.threads = 8}), "picky: component 'part3': will not do");
  }
}

TEST_F(PassManagerTest, findsOptionsThatTurnOutToBeWrongInTheRecipe) {
  add(sourcePass({"a", "b"}));
  add(componentPass({.id = "pick"}, [](ir::Component &, PassContext &) -> llvm::Error {
    return llvm::joinErrors(llvm::make_error<OptionError>("include[0]", "x matches nothing"),
                            llvm::make_error<OptionError>("memory", "is too small"));
  }));
  const char text[] = "pick: {include: [x]}";
  const auto at = [&](int i) {
    auto begin = llvm::SMLoc::getFromPointer(text + i);
    return llvm::SMRange(begin, begin);
  };
  ConfigNode pattern{.kind = ConfigNode::Kind::Scalar, .range = at(17), .scalar = "x"};
  ConfigNode patterns{.kind = ConfigNode::Kind::Sequence, .range = at(16), .items = {pattern}};
  ConfigNode options{.kind = ConfigNode::Kind::Mapping, .range = at(6)};
  options.entries.push_back({"include", {}, patterns});
  RegistryResolver resolver(registry);
  auto pipeline =
      planPipeline({"test", "", {{"source", "", {}, {}}, {"pick", "", at(0).Start, options}}},
                   resolver, diagnostics);
  ASSERT_TRUE(pipeline) << errors();

  diagnostics.error(PassManager({}, diagnostics).run(*pipeline, result));
  ASSERT_EQ(diagnostics.all().size(), 2u);
  EXPECT_EQ(diagnostics.all()[0].message, "pick: component 'a': x matches nothing");
  EXPECT_EQ(diagnostics.all()[0].location, at(17).Start);
  // An option that the recipe does not have is said of the pass.
  EXPECT_EQ(diagnostics.all()[1].message, "pick: component 'a': is too small");
  EXPECT_EQ(diagnostics.all()[1].location, at(0).Start);
}

TEST_F(PassManagerTest, letsComponentPassesUseParallelLoops) {
  add(sourcePass({"a", "b", "c", "d"}));
  std::atomic<int> items = 0;
  add(componentPass({.id = "loop"}, [&](ir::Component &, PassContext &context) {
    return context.parallelFor(
        10, [&](size_t) { return context.memoryBudget(); },
        [&](size_t) {
          ++items;
          return llvm::Error::success();
        });
  }));
  EXPECT_EQ(run({"source", "loop"}, {.threads = 4}), "success");
  EXPECT_EQ(items, 40);
}

// Results, records, hooks.

TEST_F(PassManagerTest, recordsWhatRan) {
  add(sourcePass());
  add(packagePass({.id = "look", .version = 3}, [](ir::Package &, PassContext &context) {
    EXPECT_EQ(context.run().recipeName, "test");
    EXPECT_EQ(context.run().passes.size(), 1u); // those that have ended
    return llvm::Error::success();
  }));
  EXPECT_EQ(run({"source", "look"}), "success");
  ASSERT_EQ(result.record.passes.size(), 2u);
  EXPECT_EQ(result.record.passes[1].id, "look");
  EXPECT_EQ(result.record.passes[1].version, 3u);
  EXPECT_EQ(result.record.passes[1].optionsJson, "{}");
  EXPECT_GT(result.record.passes[1].peakRssBytes, 0u);
}

TEST_F(PassManagerTest, keepsTablesInOrder) {
  add(sourcePass());
  addNamed("tables", [](ir::Package &, PassContext &context) {
    context.result(Table({{"first"}}));
    context.result(Table({{"second"}}));
    return llvm::Error::success();
  });
  EXPECT_EQ(run({"source", "tables"}), "success");
  EXPECT_EQ(result.tables.size(), 2u);
}

TEST_F(PassManagerTest, callsHooksInOrderWhenAllHasSucceeded) {
  add(sourcePass());
  std::vector<std::string> calls;
  const auto hook = [&](const char *name) {
    return [&calls, name](ir::Package &, PassContext &context) {
      context.onSuccess([&calls, name](const ir::Package &, const RunRecord &record) {
        calls.push_back(name + std::to_string(record.passes.size()));
        return llvm::Error::success();
      });
      return llvm::Error::success();
    };
  };
  addNamed("one", hook("one"));
  addNamed("two", hook("two"));
  addNamed("broken", [](ir::Package &, PassContext &) { return failure("no"); });
  EXPECT_EQ(run({"source", "one", "two"}), "success");
  EXPECT_THAT(calls, ElementsAre("one3", "two3"));
  calls.clear();
  result = {};
  EXPECT_EQ(run({"source", "one", "broken"}), "broken: no");
  EXPECT_TRUE(calls.empty());
}

// Staged output.

PackageBody writesInto(const std::string &folder, const char *name) {
  return [=](ir::Package &, PassContext &context) -> llvm::Error {
    auto staged = context.stageFolder(folder, {});
    if (!staged)
      return staged.takeError();
    auto path = (*staged)->stage(name);
    if (!path)
      return path.takeError();
    auto file = OutputFile::create(*path);
    if (!file)
      return file.takeError();
    if (llvm::Error error = file->append(llvm::StringRef("content")))
      return error;
    return file->close();
  };
}

TEST_F(PassManagerTest, publishesStagedOutputAtTheEnd) {
  TemporaryFolder folder;
  add(sourcePass());
  addNamed("write", writesInto(folder.path("out"), "a.txt"));
  addNamed("look", [&](ir::Package &, PassContext &) {
    EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
    return llvm::Error::success();
  });
  EXPECT_EQ(run({"source", "write", "look"}), "success");
  EXPECT_TRUE(std::filesystem::exists(folder.path("out/a.txt")));
}

TEST_F(PassManagerTest, leavesNoTraceOfAFailedRun) {
  TemporaryFolder folder;
  add(sourcePass());
  addNamed("write", writesInto(folder.path("out"), "a.txt"));
  addNamed("broken", [](ir::Package &, PassContext &) { return failure("no"); });
  EXPECT_EQ(run({"source", "write", "broken"}), "broken: no");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
}

TEST_F(PassManagerTest, letsTwoPassesWriteIntoOneNewFolder) {
  TemporaryFolder folder;
  add(sourcePass());
  addNamed("model", writesInto(folder.path("out"), "a.txt"));
  addNamed("report", writesInto(folder.path("./out/"), "b.txt"));
  std::filesystem::create_directories(folder.path("some/where"));
  std::filesystem::create_directory_symlink("some/where", folder.path("link"));
  addNamed("table", writesInto(folder.path("link/../../out"), "c.txt"));
  EXPECT_EQ(run({"source", "model", "report", "table"}), "success");
  for (const char *name : {"out/a.txt", "out/b.txt", "out/c.txt"})
    EXPECT_TRUE(std::filesystem::exists(folder.path(name))) << name;
}

TEST_F(PassManagerTest, publishesNoFolderWhenOneOfThemCannotBe) {
  TemporaryFolder folder;
  add(sourcePass());
  addNamed("first", writesInto(folder.path("a"), "a.txt"));
  addNamed("second", writesInto(folder.path("b"), "b.txt"));
  addNamed("collide", [&](ir::Package &, PassContext &) {
    folder.write("b/b.txt", "somebody else's");
    return llvm::Error::success();
  });
  EXPECT_THAT(run({"source", "first", "second", "collide"}),
              HasSubstr("'" + folder.path("b") + "': something was put there during the run"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("a")));
}

TEST_F(PassManagerTest, publishesAFolderAndOneInsideOfIt) {
  TemporaryFolder folder;
  add(sourcePass());
  addNamed("inner", writesInto(folder.path("out/sub"), "a.txt"));
  addNamed("outer", writesInto(folder.path("out"), "b.txt"));
  EXPECT_EQ(run({"source", "inner", "outer"}), "success");
  for (const char *name : {"out/sub/a.txt", "out/b.txt"})
    EXPECT_TRUE(std::filesystem::exists(folder.path(name))) << name;
}

// Interruption.

TEST_F(PassManagerTest, stopsBetweenPassesWhenInterrupted) {
  TemporaryFolder folder;
  Interruption interruption;
  add(sourcePass());
  addNamed("write", writesInto(folder.path("out"), "a.txt"));
  addNamed("signal", [&](ir::Package &, PassContext &) {
    interruption.request();
    return llvm::Error::success();
  });
  addNamed("never", [](ir::Package &, PassContext &) -> llvm::Error { std::abort(); });
  EXPECT_EQ(run({"source", "write", "signal", "never"}, {.interruption = &interruption}),
            "interrupted");
  EXPECT_EQ(recorder.events.back(), "interrupted");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
}

TEST_F(PassManagerTest, publishesNothingWhenInterruptedInTheLastPass) {
  TemporaryFolder folder;
  Interruption interruption;
  add(sourcePass());
  addNamed("write", writesInto(folder.path("out"), "a.txt"));
  addNamed("signal", [&](ir::Package &, PassContext &) {
    interruption.request();
    return failure("a file copy was cancelled"); // follows from the wish to stop
  });
  EXPECT_EQ(run({"source", "write", "signal"}, {.interruption = &interruption}), "interrupted");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
}

TEST_F(PassManagerTest, tellsWhatWasPublishedWhenPublishingFailsWhateverTheUserWishes) {
  TemporaryFolder folder;
  Interruption interruption;
  folder.write("used/file", "x");
  add(sourcePass());
  addNamed("first", writesInto(folder.path("new"), "a.txt"));
  addNamed("second", writesInto(folder.path("used"), "b.txt"));
  // Publishing waits at the second folder until the first has appeared and the user wants to stop.
  int used = ::open(folder.path("used").c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(used, LOCK_EX), 0);
  std::jthread user([&](const std::stop_token &stop) {
    while (!stop.stop_requested() && !std::filesystem::exists(folder.path("new")))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    interruption.request();
    folder.write("used/b.txt", "somebody else's");
    ::close(used);
  });
  EXPECT_THAT(run({"source", "first", "second"}, {.interruption = &interruption}),
              AllOf(HasSubstr("'b.txt' exists in '" + folder.path("used") + "' already"),
                    HasSubstr("this was published before that: '" + folder.path("new") + "'")));
  EXPECT_EQ(recorder.events.back(), "failed");
  EXPECT_TRUE(std::filesystem::exists(folder.path("new/a.txt")));
}

// Settings.

TEST_F(PassManagerTest, stopsAfterTheNamedPassAndPublishesWhatItMade) {
  TemporaryFolder folder;
  add(sourcePass());
  addNamed("write", writesInto(folder.path("out"), "a.txt"));
  addNamed("never", [](ir::Package &, PassContext &) -> llvm::Error { std::abort(); });
  EXPECT_EQ(run({"source", "write", "never"}, {.stopAfter = "write"}), "success");
  EXPECT_TRUE(std::filesystem::exists(folder.path("out/a.txt")));
}

TEST_F(PassManagerTest, knowsNamesThatTheRecipeHasNot) {
  add(sourcePass());
  addNamed("write", nullptr);
  auto pipeline = plan({"source", "write"});
  PassManager manager({.dumpAfter = {"*", "xyz"}, .stopAfter = "wrte"}, diagnostics);
  EXPECT_THAT(llvm::toString(manager.checkSettings(*pipeline)),
              AllOf(HasSubstr("--stop-after: the recipe has no pass 'wrte'; did you mean 'write'?"),
                    HasSubstr("--dump-after: the recipe has no pass 'xyz'; it has source, write")));
}

TEST_F(PassManagerTest, dumpsThePackageIntoFiles) {
  TemporaryFolder folder;
  add(sourcePass());
  addNamed("write", nullptr);
  EXPECT_EQ(run({"source", "write"}, {.dumpAfter = {"*"}, .dumpFolder = folder.path("dumps")}),
            "success");
  EXPECT_TRUE(std::filesystem::exists(folder.path("dumps/1-source.txt")));
  EXPECT_TRUE(std::filesystem::exists(folder.path("dumps/2-write.txt")));
}

PassEntry modelSource() {
  return packagePass({.id = "source", .isSource = true}, [](ir::Package &package, PassContext &) {
    package.components.push_back(parseModel(R"(
      <ir_version: 10, opset_import: ["": 21]>
      agraph (float[N] x) => (float[N] y) { h = Relu(x)  y = Neg(h) })"));
    package.components.back()->name = "model";
    return llvm::Error::success();
  });
}

TEST_F(PassManagerTest, verifiesTheModelAfterEachPassWhenAsked) {
  add(modelSource());
  addNamed("harmless", nullptr);
  addNamed("breaker", [](ir::Package &package, PassContext &) {
    ir::Graph &graph = package.components[0]->graph;
    graph.nodes().front().setInput(0, nullptr); // Relu needs its input
    return llvm::Error::success();
  });
  EXPECT_EQ(run({"source", "harmless"}, {.verifyEach = true}), "success");
  result = {};
  EXPECT_EQ(run({"source", "breaker"}), "success");
  result = {};
  EXPECT_THAT(run({"source", "breaker"}, {.verifyEach = true}),
              HasSubstr("breaker: left component 'model' in a bad state (--verify-each): "));
}

TEST_F(PassManagerTest, printsTimesAndStatistics) {
  add(sourcePass());
  addNamed("count", [](ir::Package &, PassContext &context) {
    context.statistic("weights shared", 3);
    context.statistic("weights shared", 4);
    return llvm::Error::success();
  });
  EXPECT_EQ(run({"source", "count"}), "success");
  std::string times, statistics;
  llvm::raw_string_ostream timesStream(times), statisticsStream(statistics);
  printTimes(result, timesStream);
  printStatistics(result, statisticsStream);
  EXPECT_THAT(times, AllOf(HasSubstr("source"), HasSubstr("count"), HasSubstr("total")));
  EXPECT_THAT(statistics, testing::ContainsRegex("count +weights shared +7"));
}

} // namespace

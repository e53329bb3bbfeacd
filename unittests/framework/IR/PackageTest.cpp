// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Components: opsets, counted bytes, attachments.

#include "GraphBuilder.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::ir;
using namespace optrun::test;

namespace {

TEST(Component, KnowsTheDefaultDomainUnderBothNames) {
  Component component;
  component.opsets = {{"ai.onnx", 21}, {"com.microsoft", 1}};
  EXPECT_EQ(component.opsetVersion(""), 21);
  EXPECT_EQ(component.opsetVersion("ai.onnx"), 21);
  EXPECT_EQ(component.opsetVersion("com.microsoft"), 1);
  EXPECT_EQ(component.opsetVersion("ai.onnx.ml"), std::nullopt);
}

TEST(WeightBytes, CountsATensorThatIsUsedTwiceOnce) {
  Component component;
  GraphBuilder build(component.graph);
  TensorRef shared = GraphBuilder::floats("shared", {1, 2, 3}); // 12 bytes
  component.graph.setInitializer(*build.local("a"), shared);
  component.graph.setInitializer(*build.local("b"), shared);
  component.graph.setInitializer(*build.local("c"), shared->renamed("c"));
  EXPECT_EQ(weightBytes(component), 12u);
  component.graph.setInitializer(*build.local("d"), GraphBuilder::floats("d", {1, 2, 3}));
  EXPECT_EQ(weightBytes(component), 24u) << "equal bytes in another place are another payload";
}

TEST(WeightBytes, CountsARangeOfAFileOnce) {
  TemporaryFolder folder;
  std::string path = folder.write("data", std::string(64, 'x'));
  Component component;
  GraphBuilder build(component.graph);
  auto add = [&](llvm::StringRef name, uint64_t offset, uint64_t length) {
    // Opened anew each time: what counts is the file, not the handle.
    FileRange range{valueOf(FileHandle::open(path)), offset, length};
    component.graph.setInitializer(
        *build.local(name),
        valueOf(Tensor::create(name.str(), DataType::UInt8, {static_cast<int64_t>(length)},
                               valueOf(makeFileRangeSource(range)))));
  };
  add("a", 0, 16);
  add("same", 0, 16);
  EXPECT_EQ(weightBytes(component), 16u);
  add("other", 16, 16);
  EXPECT_EQ(weightBytes(component), 32u);
}

TEST(WeightBytes, CoversNestedGraphsFunctionsAndAttributes) {
  Component component;
  GraphBuilder build(component.graph);
  build.input("x");
  Node *branch = build.node("If", {"x"}, {"y"});
  GraphBuilder(GraphBuilder::nested(*branch, "then_branch")).initializer("nested", {1}); // 4
  branch->attributes().emplace_back("value", GraphBuilder::floats("t", {1, 2}));         // 8
  branch->attributes().emplace_back(
      "values", std::vector<TensorRef>{GraphBuilder::floats("u", {1, 2, 3})}); // 12
  component.graph.setSparseInitializer(
      *build.local("s"),
      {GraphBuilder::floats("v", {1}), GraphBuilder::floats("i", {0}), {9}}); // 8
  component.graph.setInitializer(*build.local("strings"),
                                 valueOf(Tensor::createStrings("strings", {2}, {"ab", "c"}))); // 3
  auto function = std::make_unique<Function>();
  GraphBuilder body(function->body);
  body.node("Constant", {}, {"c"})
      ->attributes()
      .emplace_back("value", GraphBuilder::floats("c", {1})); // 4
  component.functions.push_back(std::move(function));
  EXPECT_EQ(weightBytes(component), 4u + 8 + 12 + 8 + 3 + 4);
}

struct Plan final : Attachment {
  static constexpr llvm::StringLiteral Id = "test.Plan/1";
  explicit Plan(int splits) : splits(splits) {}
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &os) const override { os << "splits: " << splits << '\n'; }
  int splits;
};

struct Costs final : Attachment {
  static constexpr llvm::StringLiteral Id = "test.Costs/1";
  llvm::StringRef id() const override { return Id; }
  void print(llvm::raw_ostream &) const override {}
};

TEST(AttachmentSet, HoldsOneOfEachId) {
  AttachmentSet set;
  EXPECT_EQ(set.get<Plan>(), nullptr);
  set.set(std::make_unique<Plan>(2));
  set.set(std::make_unique<Plan>(4));
  EXPECT_EQ(set.get<Plan>()->splits, 4);
  EXPECT_EQ(set.get<Costs>(), nullptr);
  EXPECT_EQ(set.all().size(), 1u);
  set.erase("test.Other/1");
  set.erase(Plan::Id);
  EXPECT_EQ(set.find(Plan::Id), nullptr);
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which constants a component has, and which of them hold the same bytes.

#include "optrun/IR/Payloads.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::ir;
using namespace optrun::test;
using testing::ElementsAre;
using testing::Pair;

namespace {

TensorRef bytesTensor(TensorSourceRef source) {
  const auto size = static_cast<int64_t>(source->byteSize());
  return valueOf(Tensor::create("t", DataType::UInt8, {size}, std::move(source)));
}

TEST(Payloads, AreFoundEverywhereInFileOrder) {
  auto component = parseModel(R"(
    <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    main (bool c, float[2] x) => (float[2] y) <float[2] first = {1, 2}> {
      second = Constant <value: tensor = float[2] {3, 4}> ()
      branch = If (c) <
        then_branch = yes () => (float[2] t) <float[2] third = {5, 6}> { t = Add(x, third) },
        else_branch = no () => (float[2] e) { e = Add(first, second) }>
      y = local.F(branch)
    }
    <opset_import: ["" : 17], domain: "local">
    F (a) => (b) { fourth = Constant <value: tensor = float[2] {7, 8}> () b = Add(a, fourth) })");
  std::vector<float> firstElements;
  forEachTensor(*component, [&](const TensorRef &tensor) {
    const std::vector<uint8_t> bytes = valueOf(tensor->readAll());
    float element = 0;
    std::memcpy(&element, bytes.data(), sizeof element);
    firstElements.push_back(element);
  });
  EXPECT_THAT(firstElements, ElementsAre(1, 3, 5, 7));
  EXPECT_EQ(weightBytes(*component), 4 * 2 * sizeof(float));
}

TEST(Payloads, OfSparseTensorsAreValuesAndPositions) {
  Component component;
  Graph &graph = component.graph;
  const TensorRef values = bytesTensor(makeInlineSource({1, 2})),
                  positions = bytesTensor(makeInlineSource({3, 4}));
  graph.setSparseInitializer(*valueOf(graph.addValue("s")), {values, positions, {10}});
  std::vector<std::pair<TensorRef, TensorRole>> found;
  forEachTensorInRole(component, [&](const TensorRef &tensor, TensorRole role) {
    found.emplace_back(tensor, role);
  });
  EXPECT_THAT(found, ElementsAre(Pair(values, TensorRole::Weight),
                                 Pair(positions, TensorRole::SparseIndices)));
}

TEST(PayloadIndex, KnowsSharedSources) {
  TensorSourceRef source = makeInlineSource({1, 2, 3});
  TensorRef tensor = bytesTensor(source);
  PayloadIndex index;
  EXPECT_THAT(index.add(*tensor), Pair(0u, true));
  EXPECT_THAT(index.add(*tensor), Pair(0u, false));
  EXPECT_THAT(index.add(*tensor->renamed("other")), Pair(0u, false));
  EXPECT_THAT(index.add(*bytesTensor(source)), Pair(0u, false));
  EXPECT_THAT(index.add(*bytesTensor(makeInlineSource({1, 2, 3}))), Pair(1u, true))
      << "equal bytes are not compared";
  EXPECT_EQ(index.size(), 2u);
}

TEST(PayloadIndex, KnowsRangesOfAFile) {
  TemporaryFolder folder;
  const std::string path = folder.write("weights", "0123456789");
  std::vector<TensorRef> alive; // the index tells sources apart by address
  auto range = [&](uint64_t offset, uint64_t length) {
    return alive.emplace_back(bytesTensor(
        valueOf(makeFileRangeSource({valueOf(FileHandle::open(path)), offset, length}))));
  };
  PayloadIndex index;
  EXPECT_THAT(index.add(*range(0, 4)), Pair(0u, true));
  EXPECT_THAT(index.add(*range(4, 4)), Pair(1u, true));
  EXPECT_THAT(index.add(*range(0, 4)), Pair(0u, false)) << "through another handle";
  EXPECT_THAT(index.add(*range(0, 3)), Pair(2u, true)) << "another length";
}

TEST(PayloadIndex, KeepsStringsApart) {
  auto strings = [] { return valueOf(Tensor::createStrings("s", {1}, {"text"})); };
  PayloadIndex index;
  TensorRef first = strings(), second = strings();
  EXPECT_THAT(index.add(*first), Pair(0u, true));
  EXPECT_THAT(index.add(*second), Pair(1u, true));
  EXPECT_THAT(index.add(*first), Pair(0u, false));
}

} // namespace

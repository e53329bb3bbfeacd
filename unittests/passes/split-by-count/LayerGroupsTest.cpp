// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Division of layers, against all divisions there are.

#include "LayerGroups.h"

#include "gmock/gmock.h"

#include <numeric>
#include <random>
#include <set>

using namespace optrun;
using testing::ElementsAre;

namespace {

struct Model {
  std::vector<std::vector<uint32_t>> payloadsOf;
  std::vector<uint64_t> bytes;

  LayerPayloads layers() const { return {payloadsOf, bytes}; }
  uint32_t count() const { return static_cast<uint32_t>(payloadsOf.size()); }

  uint64_t groupBytes(uint32_t from, uint32_t to) const {
    std::set<uint32_t> held;
    for (uint32_t layer = from; layer < to; ++layer)
      held.insert(payloadsOf[layer].begin(), payloadsOf[layer].end());
    return std::accumulate(held.begin(), held.end(), uint64_t(0),
                           [&](uint64_t sum, uint32_t p) { return sum + bytes[p]; });
  }

  uint64_t largest(const GroupStarts &starts) const {
    uint64_t result = 0;
    for (size_t group = 0; group < starts.size(); ++group)
      result =
          std::max(result, groupBytes(starts[group],
                                      group + 1 < starts.size() ? starts[group + 1] : count()));
    return result;
  }

  /// Over all divisions of the layers from \p from on into \p groups groups.
  uint64_t bestLargest(uint32_t groups, uint32_t from = 0) const {
    if (groups == 1)
      return groupBytes(from, count());
    uint64_t best = ~uint64_t(0);
    for (uint32_t end = from + 1; end + groups - 1 <= count(); ++end)
      best = std::min(best, std::max(groupBytes(from, end), bestLargest(groups - 1, end)));
    return best;
  }
};

/// Layers that share nothing.
Model separate(std::vector<uint64_t> bytes) {
  Model model;
  for (uint32_t layer = 0; layer < bytes.size(); ++layer)
    model.payloadsOf.push_back({layer});
  model.bytes = std::move(bytes);
  return model;
}

bool isDivision(const GroupStarts &starts, uint32_t layers, uint32_t groups) {
  return starts.size() == groups && starts.front() == 0 && starts.back() < layers &&
         std::adjacent_find(starts.begin(), starts.end(), std::greater_equal<>()) == starts.end();
}

TEST(LayerGroups, EvenlyLikeNumpyArraySplit) {
  EXPECT_THAT(divideEvenly(32, 2), ElementsAre(0, 16));
  EXPECT_THAT(divideEvenly(10, 4), ElementsAre(0, 3, 6, 8));
  EXPECT_THAT(divideEvenly(3, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(divideEvenly(7, 1), ElementsAre(0));
}

TEST(LayerGroups, ByBytesKeepsEqualLayersEqual) {
  EXPECT_THAT(divideByBytes(separate({5, 5, 5, 5}).layers(), 2), ElementsAre(0, 2));
  EXPECT_THAT(divideByBytes(separate(std::vector<uint64_t>(32, 7)).layers(), 4),
              ElementsAre(0, 8, 16, 24));
}

TEST(LayerGroups, ByBytesMakesUpForLargeEmbeddings) {
  // The embeddings are in the first layer's share.
  EXPECT_THAT(divideByBytes(separate({16, 4, 4, 4, 4, 4}).layers(), 2), ElementsAre(0, 2));
  // The limit of 16 would allow 4 + 1 layers after the first; 3 + 2 are better.
  EXPECT_THAT(divideByBytes(separate({16, 4, 4, 4, 4, 4}).layers(), 3), ElementsAre(0, 1, 4));
}

TEST(LayerGroups, ByBytesCountsSharedPayloadsOnceForEachGroup) {
  Model model;
  model.bytes = {100, 1, 1, 1, 1};
  model.payloadsOf = {{0, 1}, {2}, {3}, {0, 4}};
  const GroupStarts starts = divideByBytes(model.layers(), 2);
  EXPECT_EQ(model.largest(starts), model.bestLargest(2));
}

TEST(LayerGroups, ByBytesWithoutBytesIsEven) {
  EXPECT_THAT(divideByBytes(separate({0, 0, 0, 0, 0}).layers(), 2), ElementsAre(0, 3));
}

TEST(LayerGroups, ByBytesHandlesTheLargestNumbers) {
  const uint64_t huge = uint64_t(1) << 61;
  EXPECT_THAT(divideByBytes(separate({huge, huge, huge, huge}).layers(), 2), ElementsAre(0, 2));
}

TEST(LayerGroups, ByBytesIsOptimalAndDividesInto) {
  std::mt19937 random(20240607);
  for (int round = 0; round < 3000; ++round) {
    const uint32_t layers = 1 + random() % 9;
    const uint32_t groups = 1 + random() % layers;
    Model model;
    const uint32_t payloads = 1 + random() % 14;
    for (uint32_t p = 0; p < payloads; ++p)
      model.bytes.push_back(random() % 4 == 0 ? 0 : random() % 40);
    for (uint32_t layer = 0; layer < layers; ++layer) {
      std::set<uint32_t> held;
      for (uint32_t i = random() % 4; i > 0; --i)
        held.insert(random() % payloads);
      model.payloadsOf.emplace_back(held.begin(), held.end());
    }
    const GroupStarts starts = divideByBytes(model.layers(), groups);
    ASSERT_TRUE(isDivision(starts, layers, groups)) << "round " << round;
    ASSERT_EQ(model.largest(starts), model.bestLargest(groups)) << "round " << round;
  }
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What is stored of a weight, against its groups palettized one by one, for every shape.

#include "WeightPalettizer.h"

#include "TestSupport/PassBody.h"
#include "TestSupport/SourceBytes.h"

#include "optrun/Compression/CodePacking.h"
#include "optrun/IR/FloatScalars.h"

#include <cstring>
#include <gmock/gmock.h>
#include <random>

using namespace optrun;
using namespace optrun::palettize;
using namespace optrun::test;

namespace {

template <typename T> std::vector<uint8_t> asBytes(const std::vector<T> &elements) {
  const auto *first = reinterpret_cast<const uint8_t *>(elements.data());
  return {first, first + elements.size() * sizeof(T)};
}

/// A weight by its rows, stored one way or the other as float16 or float.
struct SomeWeight {
  MatrixLayout layout;
  ir::DataType type;
  std::vector<float> rows;
  ir::TensorRef tensor;

  SomeWeight(const MatrixLayout &layout, ir::DataType type)
      : layout(layout), type(type), rows(layout.elements()) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal(0, 0.02F);
    for (float &value : rows)
      value = normal(random);
    store();
  }

  uint64_t placeOf(uint64_t row, uint64_t column) const {
    if (layout.rowsContiguous)
      return row * layout.columns + column;
    return (row / layout.rows * layout.columns + column) * layout.rows + row % layout.rows;
  }

  /// After changes of the rows.
  void store() {
    if (type == ir::DataType::Float16)
      for (float &value : rows)
        value = ir::toFloat(ir::fromFloat<ir::Float16>(value));
    std::vector<float> stored(rows.size());
    std::vector<uint16_t> halves(rows.size());
    for (uint64_t i = 0; i != rows.size(); ++i) {
      const uint64_t place = placeOf(i / layout.columns, i % layout.columns);
      stored[place] = rows[i];
      halves[place] = ir::fromFloat<ir::Float16>(rows[i]).bits;
    }
    tensor = valueOf(ir::Tensor::create(
        "w", type, {static_cast<int64_t>(rows.size())},
        ir::makeInlineSource(type == ir::DataType::Float16 ? asBytes(halves) : asBytes(stored))));
  }
};

PalettizationJob jobOf(const SomeWeight &weight, uint64_t rowsPerGroup, unsigned bits = 4) {
  PalettizationJob job;
  job.tensor = weight.tensor;
  job.layout = weight.layout;
  job.settings.lut.bits = bits;
  job.rowsPerGroup = rowsPerGroup;
  return job;
}

struct Stored {
  std::vector<uint8_t> indices, lut, lutScales, rowScales;
  PaletteErrors errors;
  double excess = 0;

  bool operator==(const Stored &other) const {
    return indices == other.indices && lut == other.lut && lutScales == other.lutScales &&
           rowScales == other.rowScales && errors.squaredError == other.errors.squaredError &&
           errors.weightedError == other.errors.weightedError;
  }
};

std::vector<Stored> palettized(llvm::ArrayRef<PalettizationJob> jobs, unsigned threads = 2,
                               uint64_t memoryBudget = uint64_t(1) << 30) {
  std::vector<Stored> stored;
  RunSettings settings;
  settings.threads = threads;
  settings.memoryBudget = memoryBudget;
  const auto body = [&](PassContext &context) -> llvm::Error {
    auto results = palettizeWeights(jobs, context);
    if (!results)
      return results.takeError();
    for (const PalettizedWeight &result : *results)
      stored.push_back({bytesOf(result.indices), bytesOf(result.lut), bytesOf(result.lutScales),
                        bytesOf(result.rowScales), result.errors, result.excess});
    return llvm::Error::success();
  };
  EXPECT_EQ(runBody(body, settings), "");
  return stored;
}

/// Element \p index of numbers stored as float16.
float halfAt(llvm::ArrayRef<uint8_t> bytes, uint64_t index) {
  uint16_t bits;
  std::memcpy(&bits, bytes.data() + index * sizeof(bits), sizeof(bits));
  return ir::toFloat(ir::Float16{bits});
}

/// Each group by itself, as GroupPalettizer has it.
Stored groupByGroup(const SomeWeight &weight, const PalettizationJob &job) {
  Stored expected;
  std::vector<uint8_t> codes(weight.rows.size());
  std::vector<uint16_t> lut, lutScales, rowScales;
  std::vector<uint8_t> integers;
  const auto half = [](float value) { return ir::fromFloat<ir::Float16>(value).bits; };
  GroupPalettizer palettizer(job.settings);
  const uint64_t step = job.rowsPerGroup * job.layout.columns;
  for (uint64_t begin = 0; begin < codes.size(); begin += step) {
    const uint64_t size = std::min<uint64_t>(step, codes.size() - begin);
    std::vector<float> importance;
    for (uint64_t i = 0; i != size && !job.importance.empty(); ++i)
      importance.push_back(job.importance[i % job.layout.columns]);
    const Palette &palette =
        palettizer.palettize(llvm::ArrayRef(weight.rows).slice(begin, size), job.layout.columns,
                             importance, llvm::MutableArrayRef(codes).slice(begin, size));
    for (const float entry : palette.lut.entries)
      lut.push_back(half(entry));
    integers.insert(integers.end(), palette.lut.integers.begin(), palette.lut.integers.end());
    lutScales.push_back(half(palette.lut.scale));
    for (const float scale : palette.scales)
      rowScales.push_back(half(scale));
    expected.errors.merge(palette.errors);
  }
  expected.indices.resize(packedSize(codes.size(), job.settings.lut.bits));
  packCodes(codes, job.settings.lut.bits, Coding::Unsigned, expected.indices);
  expected.lut = job.settings.lut.int8 ? integers : asBytes(lut);
  if (job.settings.lut.int8)
    expected.lutScales = asBytes(lutScales);
  expected.rowScales = asBytes(rowScales);
  return expected;
}

/// Bytes, and errors but for the order of sums.
void expectGroupByGroup(const SomeWeight &weight, llvm::ArrayRef<PalettizationJob> jobs) {
  const std::vector<Stored> all = palettized(jobs);
  ASSERT_EQ(all.size(), jobs.size());
  for (const auto &[job, stored] : llvm::zip(jobs, all)) {
    SCOPED_TRACE(testing::Message()
                 << job.layout.matrices << "x" << job.layout.rows << "x" << job.layout.columns
                 << " contiguous " << job.layout.rowsContiguous << " groups of " << job.rowsPerGroup
                 << " bits " << job.settings.lut.bits << " int8 " << job.settings.lut.int8
                 << " scaled " << job.settings.scaleRows);
    const Stored expected = groupByGroup(weight, job);
    EXPECT_TRUE(stored.indices == expected.indices);
    EXPECT_TRUE(stored.lut == expected.lut);
    EXPECT_TRUE(stored.lutScales == expected.lutScales);
    EXPECT_TRUE(stored.rowScales == expected.rowScales);
    EXPECT_NEAR(stored.errors.squaredError, expected.errors.squaredError,
                1e-10 * expected.errors.squaredError);
    EXPECT_NEAR(stored.errors.weightedError, expected.errors.weightedError,
                1e-10 * expected.errors.weightedError);
    EXPECT_EQ(stored.indices.size() + stored.lut.size() + stored.lutScales.size() +
                  stored.rowScales.size(),
              job.storedBytes());
  }
}

/// Odd extents, one row, one column, a last partial group, groups that do not end with a byte.
TEST(WeightPalettizer, StoresWhatGroupsGive) {
  for (const auto &[rows, columns] : {std::pair(5, 7), {1, 33}, {33, 1}, {6, 64}, {7, 40}})
    for (uint64_t matrices : {1, 3})
      for (bool rowsContiguous : {true, false})
        for (ir::DataType type : {ir::DataType::Float16, ir::DataType::Float32}) {
          const SomeWeight weight({matrices, static_cast<uint64_t>(rows),
                                   static_cast<uint64_t>(columns), rowsContiguous},
                                  type);
          std::vector<PalettizationJob> jobs;
          for (uint64_t rowsPerGroup : {uint64_t(1), uint64_t(4), weight.layout.allRows()})
            for (unsigned bits : {1U, 2U, 3U, 4U, 6U, 8U})
              for (bool int8 : {false, true})
                for (bool scaleRows : {false, true}) {
                  jobs.push_back(jobOf(weight, rowsPerGroup, bits));
                  jobs.back().settings.lut.int8 = int8;
                  jobs.back().settings.scaleRows = scaleRows;
                }
          expectGroupByGroup(weight, jobs);
        }
}

/// More tiles than one, and groups that are read in tiles: they end within the tiles of codes, and
/// with 3 bits within a byte.
TEST(WeightPalettizer, StoresTheSameFromManyTiles) {
  for (const auto &[rows, columns, rowsPerGroup] :
       {std::tuple(1501, 1203, 4), {1501, 1203, 1501}, {2000, 801, 1311}})
    for (bool rowsContiguous : {true, false})
      for (bool isWeighted : {false, true}) {
        const SomeWeight weight(
            {1, static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), rowsContiguous},
            ir::DataType::Float16);
        std::vector<float> importance;
        for (int column = 0; column != columns && isWeighted; ++column)
          importance.push_back(static_cast<float>(column % 13));
        PalettizationJob job = jobOf(weight, static_cast<uint64_t>(rowsPerGroup), 3);
        job.importance = importance;
        expectGroupByGroup(weight, job);
      }
}

/// Groups of floats, and of scaled rows, that are read in tiles: tables may differ in their last
/// bits, errors hardly.
TEST(WeightPalettizer, FindsTablesOfGroupsThatDoNotFitMemory) {
  for (ir::DataType type : {ir::DataType::Float16, ir::DataType::Float32})
    for (bool rowsContiguous : {true, false})
      for (bool scaleRows : {false, true})
        for (bool isWeighted : {false, true}) {
          if (type == ir::DataType::Float16 && !scaleRows)
            continue; // counted
          SomeWeight weight({1, 900, 500, rowsContiguous}, type);
          for (uint64_t i = 0; i != weight.rows.size(); ++i)
            weight.rows[i] *= static_cast<float>(1 + i / 500 % 4);
          weight.rows[77] = INFINITY;
          weight.store();
          std::vector<float> importance;
          for (int column = 0; column != 500 && isWeighted; ++column)
            importance.push_back(static_cast<float>(column % 13));
          PalettizationJob job = jobOf(weight, 600);
          job.settings.lut.type = ir::DataType::Float32;
          job.settings.scaleRows = scaleRows;
          job.importance = importance;
          const Stored stored = palettized(job).front(), expected = groupByGroup(weight, job);
          const double most = 1 + 1e-9, error = stored.errors.weightedError;
          EXPECT_LE(error, expected.errors.weightedError * most);
          EXPECT_GE(error * most, expected.errors.weightedError);
          EXPECT_LE(stored.excess, 2e-10);
          EXPECT_EQ(stored.errors.nonFinite, 1U);
          EXPECT_EQ(stored.rowScales.size(), scaleRows ? 900 * sizeof(float) : 0);
        }
}

/// The tables are not those of plain squared errors, and the same whether values fit memory or not.
TEST(WeightPalettizer, WeighsByMagnitudeInMemoryAndInTiles) {
  const SomeWeight weight({1, 900, 500, true}, ir::DataType::Float32);
  for (bool scaleRows : {false, true}) {
    PalettizationJob job = jobOf(weight, 600);
    job.settings.lut.type = ir::DataType::Float32;
    job.settings.scaleRows = scaleRows;
    const double least = palettized(job).front().errors.squaredError;
    job.settings.weighByMagnitude = true;
    const double error = palettized(job).front().errors.squaredError;
    EXPECT_GT(error, least * 1.001);
    EXPECT_NEAR(error / groupByGroup(weight, job).errors.squaredError, 1, 1e-6);
  }
}

TEST(WeightPalettizer, IsTheSameAtAnyNumberOfThreadsAndWithLittleMemory) {
  const SomeWeight half({2, 700, 1203, false}, ir::DataType::Float16);
  const SomeWeight single({1, 900, 701, true}, ir::DataType::Float32);
  std::vector<float> importance;
  for (int column = 0; column != 1203; ++column)
    importance.push_back(1 / static_cast<float>(1 + column));
  std::vector<PalettizationJob> jobs = {jobOf(half, 1400, 3), jobOf(half, 4, 6), jobOf(single, 16),
                                        jobOf(single, 900), jobOf(half, 1400)};
  jobs[0].importance = jobs[1].importance = importance;
  jobs[4].importance = importance;
  jobs[2].settings.scaleRows = jobs[4].settings.scaleRows = true;
  const std::vector<Stored> one = palettized(jobs, 1);
  EXPECT_TRUE(palettized(jobs, 2) == one);
  EXPECT_TRUE(palettized(jobs, 3) == one);
  EXPECT_TRUE(palettized(jobs, 3, 1 << 20) == one);
}

TEST(WeightPalettizer, DecodesToTheErrorsThatItTells) {
  const SomeWeight weight({1, 40, 50, false}, ir::DataType::Float16);
  PalettizationJob job = jobOf(weight, 16, 8);
  job.settings.scaleRows = true;
  const Stored stored = palettized(job).front();
  double squaredError = 0;
  for (uint64_t i = 0; i != weight.rows.size(); ++i) {
    const uint64_t row = i / 50;
    const double decoded = double(halfAt(stored.lut, row / 16 * 256 + stored.indices[i])) *
                           halfAt(stored.rowScales, row);
    squaredError += (weight.rows[i] - decoded) * (weight.rows[i] - decoded);
  }
  EXPECT_NEAR(stored.errors.squaredError, squaredError, 1e-6 * squaredError);
}

TEST(WeightPalettizer, CountsWhatIsNotFinite) {
  SomeWeight weight({1, 2, 2, true}, ir::DataType::Float32);
  weight.rows = {1, INFINITY, NAN, 2};
  weight.store();
  EXPECT_EQ(palettized(jobOf(weight, 2)).front().errors.nonFinite, 2U);
}

TEST(WeightPalettizer, SaysWhichWeightCannotBeRead) {
  class Broken final : public ir::TensorSource {
    uint64_t byteSize() const override { return 8; }
    llvm::Error read(uint64_t, llvm::MutableArrayRef<uint8_t>) const override {
      return llvm::createStringError("the file has shrunk");
    }
  };
  SomeWeight weight({1, 2, 2, true}, ir::DataType::Float16);
  weight.tensor =
      valueOf(ir::Tensor::create("w", ir::DataType::Float16, {2, 2}, std::make_shared<Broken>()));
  const auto body = [&](PassContext &context) {
    return palettizeWeights(jobOf(weight, 1), context).takeError();
  };
  EXPECT_EQ(runBody(body), "body: cannot read the weight 'w': the file has shrunk");
}

} // namespace

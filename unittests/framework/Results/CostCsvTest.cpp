// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Cost models as CSV: ours there and back, those of others, hostile ones.

#include "optrun/Results/CostCsv.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <random>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

CostCsv parse(const std::string &text) { return valueOf(parseCostCsv(text, "costs.csv")); }
std::string errorIn(const std::string &text) { return errorOf(parseCostCsv(text, "costs.csv")); }

constexpr const char *Header = "module,num_params,num_bytes,num_flops\n";

ModuleCost published(const std::string &module, uint64_t params, uint64_t bytes, uint64_t flops) {
  ModuleCost row;
  row.module = module;
  row.params = params;
  row.bytes = bytes;
  row.publishedFlops = flops;
  return row;
}

TEST(CostCsv, ReadsThePublishedExample) {
  const CostCsv csv = parse(R"(module,num_params,num_bytes,num_flops
model.embed_tokens,131072000,262144000,1
model.layers.0.self_attn.q_proj,16777216,33554432,33554432
model.layers.0.mlp.act_fn,0,0,24576
model.layers.0.input_layernorm,4096,8192,16384
lm_head,131072000,262144000,262144000
)");
  EXPECT_THAT(csv.rows, ElementsAre(published("model.embed_tokens", 131072000, 262144000, 1),
                                    published("model.layers.0.self_attn.q_proj", 16777216, 33554432,
                                              33554432),
                                    published("model.layers.0.mlp.act_fn", 0, 0, 24576),
                                    published("model.layers.0.input_layernorm", 4096, 8192, 16384),
                                    published("lm_head", 131072000, 262144000, 262144000)));
  EXPECT_FALSE(csv.hasOwnColumns);
  EXPECT_THAT(csv.warnings, IsEmpty());
}

TEST(CostCsv, TakesWhatOthersWrite) {
  EXPECT_EQ(parse(std::string(Header) + "a,64000,32000.0,128000\n").rows[0],
            published("a", 64000, 32000, 128000));
  EXPECT_EQ(parse(std::string(Header) + "a,3,1.5,6").rows[0].bytes, 2u) << "three 4-bit weights";
  EXPECT_EQ(parse(std::string(Header) + "a,1.31072e+08,2,3").rows[0].params, 131072000u);
  EXPECT_EQ(parse("\xEF\xBB\xBFnum_bytes , module\r\n 12 , \"a,\"\"b\"\"\" \r\n\r\n\r\n7,c\r\n")
                .rows.size(),
            2u);
  const CostCsv csv = parse("\xEF\xBB\xBFnum_bytes,module\r\n12,\"a,\"\"b\"\"\"\r\n\r\n7,c");
  EXPECT_THAT(csv.rows, ElementsAre(published("a,\"b\"", 0, 12, 0), published("c", 0, 7, 0)));
}

TEST(CostCsv, NamesColumnsThatItDoesNotKnow) {
  const CostCsv csv = parse("module,device,num_bytes,energy\na,cpu,12,0.5\n");
  EXPECT_THAT(csv.rows, ElementsAre(published("a", 0, 12, 0)));
  EXPECT_THAT(csv.warnings,
              ElementsAre("costs.csv: columns that mean nothing here: 'device', 'energy'"));
}

TEST(CostCsv, ComparesTotals) {
  const std::string rows = std::string(Header) + "a,1,2,3\nb,10,20,30\n";
  EXPECT_THAT(parse(rows + "Total,11,22,33\n").warnings, IsEmpty());
  const CostCsv wrong = parse(rows + "TOTAL,11,20,33\n");
  EXPECT_EQ(wrong.rows.size(), 2u);
  EXPECT_THAT(wrong.warnings,
              ElementsAre("costs.csv:4: the total num_bytes 20 is not the sum of the rows, 22, "
                          "which is used"));
  EXPECT_EQ(parse(std::string(Header) + "total,1,2,3\nb,1,2,3\n").rows.size(), 2u) << "a module";
}

TEST(CostCsv, RefusesHostileCounts) {
  for (const char *count : {"", "-1", "nan", "inf", "1e400", "9223372036854775808", "1e19",
                            "18446744073709551616", "0x10", "12 MB", "1,000", "+5", ".5", "1e-"})
    EXPECT_THAT(errorIn(std::string(Header) + "a,1,2,3\nb,1," + "\"" + count + "\",3\n"),
                HasSubstr(std::string("costs.csv:3: '") + count + "' in column num_bytes is no"))
        << count;
  EXPECT_EQ(parse(std::string(Header) + "a,1,9223372036854775807,3\n").rows[0].bytes,
            uint64_t(INT64_MAX));
}

TEST(CostCsv, RefusesWhatIsNoTable) {
  EXPECT_THAT(errorIn(""), HasSubstr("costs.csv:1: the file is empty; the first line names"));
  EXPECT_THAT(errorIn("name,bytes\n"), HasSubstr("costs.csv:1: there is no column 'module'"));
  EXPECT_THAT(errorIn("module,num_params\n"), HasSubstr("there is no column 'num_bytes'"));
  EXPECT_THAT(errorIn("module,num_bytes,module\n"), HasSubstr("there are two columns 'module'"));
  EXPECT_THAT(errorIn(std::string(Header) + "a,1,2\n"),
              HasSubstr("costs.csv:2: the row has 3 fields, the first line 4"));
  EXPECT_THAT(errorIn(std::string(Header) + ",1,2,3\n"), HasSubstr("names no module"));
  EXPECT_THAT(errorIn(std::string(Header) + "a,1,2,3\n\nb,1,2,3\na,1,2,3\n"),
              HasSubstr("costs.csv:5: module 'a' has a row in line 2 already"));
  EXPECT_THAT(errorIn(std::string(Header) + "\"a\nb,1,2,3\n"),
              HasSubstr("costs.csv:2: a quoted field does not end"));
  EXPECT_THAT(errorIn(std::string(Header) + "\"a\"b,1,2,3\n"),
              HasSubstr("text after a quoted field"));
}

TEST(CostCsv, CountsLinesInsideOfQuotes) {
  EXPECT_THAT(errorIn(std::string(Header) + "\"a\nb\",1,2,3\nc,1,x,3\n"),
              HasSubstr("costs.csv:4:"));
}

TEST(CostCsv, ComesBackAsItWas) {
  std::mt19937_64 random(1);
  const std::string characters = "ab.0,\"\n\r ;=";
  for (int round = 0; round < 200; ++round) {
    std::vector<ModuleCost> rows;
    for (int i = 0; i < 5; ++i) {
      ModuleCost row;
      row.module = "m" + std::to_string(i);
      for (uint64_t length = random() % 6; length > 0; --length)
        row.module += characters[random() % characters.size()];
      for (uint64_t ModuleCost::*count :
           {&ModuleCost::params, &ModuleCost::bytes, &ModuleCost::publishedFlops,
            &ModuleCost::storedBytes, &ModuleCost::activationBytes, &ModuleCost::movedBytes,
            &ModuleCost::cacheBytes, &ModuleCost::flops, &ModuleCost::attentionFlops,
            &ModuleCost::tiedParams, &ModuleCost::tiedBytes, &ModuleCost::tiedStoredBytes})
        row.*count = random() >> (1 + random() % 63);
      row.tiedTo = i > 1 ? rows[0].module : "";
      rows.push_back(std::move(row));
    }
    const std::string text = printCostCsv(rows);
    const CostCsv csv = parse(text);
    EXPECT_EQ(csv.rows, rows);
    EXPECT_TRUE(csv.hasOwnColumns);
    EXPECT_THAT(csv.warnings, IsEmpty());
    EXPECT_EQ(printCostCsv(csv.rows), text);
  }
}

TEST(CostCsv, WritesThePublishedColumnsFirst) {
  const std::vector<ModuleCost> rows = {published("a", 1, 2, 3)};
  EXPECT_EQ(printCostCsv(rows, CostColumns::Published), std::string(Header) + "a,1,2,3\n");
  EXPECT_THAT(printCostCsv(rows), testing::StartsWith("module,num_params,num_bytes,num_flops,"));
  EXPECT_TRUE(isCostCsv(printCostCsv(rows)));
  EXPECT_TRUE(isCostCsv(printCostCsv(rows, CostColumns::Published)));
  EXPECT_FALSE(isCostCsv("name,bytes\n"));
}

TEST(CostCsv, IsReadFromFiles) {
  TemporaryFolder folder;
  const std::string path = folder.write("costs.csv", std::string(Header) + "a,1,x,3\n");
  EXPECT_THAT(errorOf(readCostCsv(path)), HasSubstr(path + ":2: 'x'"));
  EXPECT_THAT(errorOf(readCostCsv(folder.path("none.csv"))), HasSubstr("cannot read"));
  for (const std::string &other : {folder.path("."), std::string("/dev/zero")})
    EXPECT_EQ(errorOf(readCostCsv(other)),
              "'" + other + "' is a folder, device or pipe; name a file");
}

TEST(ModuleCost, TotalsCountTiedWeightsOnce) {
  std::vector<ModuleCost> rows = {published("embed", 100, 200, 1),
                                  published("head", 101, 202, 202)};
  rows[0].storedBytes = 200;
  rows[1].storedBytes = 202;
  rows[1].tiedParams = 100;
  rows[1].tiedBytes = rows[1].tiedStoredBytes = 200;
  const ModuleCost total = totalCost(rows);
  EXPECT_EQ(total.params, 101u);
  EXPECT_EQ(total.bytes, 202u);
  EXPECT_EQ(total.storedBytes, 202u);
  EXPECT_EQ(total.publishedFlops, 203u);
  rows[0].flops = rows[1].flops = ~uint64_t(0) - 1;
  EXPECT_EQ(totalCost(rows).flops, ~uint64_t(0));
}

TEST(ModuleCost, BytesAtPrecision) {
  EXPECT_EQ(bytesAtPrecision(CostPrecision::Fp32, 3), 12u);
  EXPECT_EQ(bytesAtPrecision(CostPrecision::Fp16, 3), 6u);
  EXPECT_EQ(bytesAtPrecision(CostPrecision::Int8, 3), 3u);
  EXPECT_EQ(bytesAtPrecision(CostPrecision::Int4, 3), 2u);
}

} // namespace

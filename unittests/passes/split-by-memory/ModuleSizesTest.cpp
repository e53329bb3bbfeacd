// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Cost models of others against what the model stores.

#include "ModuleSizes.h"

#include "DecoderModel.h"
#include "gmock/gmock.h"

#include "optrun/Transforms/ModuleUnits.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

ModuleCost row(const char *module, uint64_t bytes) { return {.module = module, .bytes = bytes}; }

class ModuleSizesTest : public testing::Test {
protected:
  llvm::Expected<ModuleSizes> compare(const std::vector<ModuleCost> &rows) {
    const Dataflow flow = valueOf(Dataflow::build(decoder->graph));
    units = valueOf(divideIntoUnits(*decoder, flow));
    return compareSizes(rows, *decoder, flow, units.partition);
  }

  std::unique_ptr<ir::Component> decoder = makeDecoder(2, /*isTied=*/true);
  ModuleUnits units;
};

TEST_F(ModuleSizesTest, SameSizesChangeNothing) {
  const ModuleSizes sizes =
      valueOf(compare({row("embed", ModuleBytes), row("layers.0.up", ModuleBytes),
                       row("head", ModuleBytes)})); // tied, counted again
  EXPECT_THAT(sizes.reserves, IsEmpty());
  EXPECT_THAT(sizes.warnings, IsEmpty());
}

TEST_F(ModuleSizesTest, MoreIsReservedAtTheUnit) {
  const ModuleSizes sizes =
      valueOf(compare({row("layers.0.up", ModuleBytes), row("layers.1.down", ModuleBytes + 72)}));
  ASSERT_EQ(sizes.reserves.size(), 1u);
  EXPECT_EQ(units.units[sizes.reserves[0].units.front()].name, "layers.1.down");
  EXPECT_EQ(sizes.reserves[0].bytes, 72u);
}

TEST_F(ModuleSizesTest, MoreIsReservedOnceForTiedWeights) {
  const ModuleSizes sizes =
      valueOf(compare({row("embed", ModuleBytes + 72), row("head", ModuleBytes + 72)}));
  ASSERT_EQ(sizes.reserves.size(), 1u);
  EXPECT_EQ(sizes.reserves[0].units.size(), 2u);
}

TEST_F(ModuleSizesTest, LessIsAWarning) {
  const ModuleSizes sizes =
      valueOf(compare({row("layers.0.up", ModuleBytes / 8), row("layers.0.down", 0)}));
  EXPECT_THAT(sizes.reserves, IsEmpty());
  EXPECT_THAT(sizes.warnings,
              ElementsAre(AllOf(HasSubstr("2 modules"), HasSubstr("'layers.0.up'"),
                                HasSubstr("16 B"), HasSubstr("128 B"), HasSubstr("quantize"))));
}

TEST_F(ModuleSizesTest, ModulesThatTheModelDoesNotHaveAreAWarning) {
  const ModuleSizes sizes =
      valueOf(compare({row("embed", ModuleBytes), row("layers.7.up", 10), row("layers.8.up", 10)}));
  EXPECT_THAT(sizes.warnings, ElementsAre(AllOf(HasSubstr("2 modules"), HasSubstr("layers.7.up"))));
}

TEST_F(ModuleSizesTest, ACostModelOfAnotherModelIsAnError) {
  EXPECT_THAT(errorOf(compare({row("transformer.wte", 10), row("transformer.wpe", 10)})),
              AllOf(HasSubstr("transformer.wte"), HasSubstr("'embed'")));
}

TEST_F(ModuleSizesTest, WhatIsInNoModuleIsNoWarning) {
  EXPECT_THAT(
      valueOf(compare({row("embed", ModuleBytes), row("(no module)", 10), row("(unused)", 10)}))
          .warnings,
      IsEmpty());
}

} // namespace

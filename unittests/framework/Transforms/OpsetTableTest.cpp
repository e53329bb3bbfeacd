// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The table of changes against all definitions that the ONNX library has.

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

#include "optrun/Onnx/Schemas.h"
#include "optrun/Transforms/OpsetConversion.h"

#include <map>
#include <onnx/defs/schema.h>
#include <set>

using namespace optrun;

namespace {

using Versions = std::map<std::string, std::set<int64_t>>;

/// Of each ai.onnx operator, the versions of its definition.
Versions definedVersions() {
  Versions versions;
  for (const auto &schema : ::onnx::OpSchemaRegistry::get_all_schemas_with_history())
    if (schema.domain().empty())
      versions[schema.Name()].insert(schema.since_version());
  return versions;
}

/// When this fails after an update of ONNX: look the change up in its docs/Changelog.md and add it
/// to framework/lib/Transforms/Opset/Steps.cpp, with an adapter or a reason where it needs one.
TEST(OpsetTable, KnowsEveryChangeOfEveryOperator) {
  size_t changes = 0;
  for (const auto &[opType, versions] : definedVersions())
    for (auto version = std::next(versions.begin()); version != versions.end(); ++version) {
      if (*version <= OldestConvertibleOpset)
        continue;
      ++changes;
      EXPECT_NE(knownOpsetChange(opType, *version), OpsetChange::Unknown)
          << opType << " changed with opset " << *version;
    }
  EXPECT_GT(changes, 300U); // the registry was filled
}

TEST(OpsetTable, ListsNothingThatDidNotChange) {
  for (const auto &[opType, versions] : definedVersions())
    for (int64_t version = 1; version <= optrun::onnx::newestOpset(); ++version)
      if (version <= OldestConvertibleOpset || version == *versions.begin() ||
          !versions.count(version))
        EXPECT_EQ(knownOpsetChange(opType, version), OpsetChange::Unknown)
            << opType << " did not change with opset " << version;
  EXPECT_EQ(knownOpsetChange("NoSuchOperator", 13), OpsetChange::Unknown);
}

TEST(Schemas, TellTheVersionInForce) {
  EXPECT_EQ(optrun::onnx::sinceVersion("", "Relu", 13), 13);
  EXPECT_EQ(optrun::onnx::sinceVersion("ai.onnx", "Relu", 17), 14);
  EXPECT_EQ(optrun::onnx::sinceVersion("", "Upsample", 21), 10); // deprecated
  EXPECT_EQ(optrun::onnx::sinceVersion("", "Gelu", 19), std::nullopt);
  EXPECT_EQ(optrun::onnx::sinceVersion("", "NoSuchOperator", 21), std::nullopt);
  EXPECT_EQ(optrun::onnx::sinceVersion("", "Relu", 0), std::nullopt);
  EXPECT_EQ(optrun::onnx::sinceVersion("", "Relu", int64_t{1} << 40), std::nullopt);
}

TEST(Schemas, PairOpsetsWithIrVersions) {
  EXPECT_EQ(optrun::onnx::irVersionOfOpset(7), 3);
  EXPECT_EQ(optrun::onnx::irVersionOfOpset(13), 7);
  EXPECT_EQ(optrun::onnx::irVersionOfOpset(18), 8);
  EXPECT_EQ(optrun::onnx::irVersionOfOpset(21), 10);
  EXPECT_EQ(optrun::onnx::irVersionOfOpset(22), 10);
  EXPECT_EQ(optrun::onnx::irVersionOfOpset(25), 13);
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The record of files that were read.

#include "InputRecord.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gtest/gtest.h"

using namespace optrun;
using namespace optrun::exporting;
using namespace optrun::test;

namespace {

class InputRecordTest : public testing::Test {
protected:
  Manifest::Input record(const std::string &path, HashInputs hash) {
    return valueOf(
        recordInput({path}, folder.path("model"), hash, [] { return llvm::Error::success(); }));
  }

  TemporaryFolder folder;
};

TEST_F(InputRecordTest, HashesSmallFiles) {
  Manifest::Input input = record(folder.write("model/sub/a.bin", "abc"), HashInputs::Auto);
  EXPECT_EQ(input.file, "sub/a.bin");
  EXPECT_EQ(input.bytes, 3u);
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(input.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(input.modified, std::nullopt);
}

TEST_F(InputRecordTest, TimesLargeOnesUnlessAsked) {
  const std::string path = folder.write("elsewhere/blob", "");
  std::filesystem::resize_file(path, LargestHashedByDefault + 1);
  Manifest::Input input = record(path, HashInputs::Auto);
  EXPECT_EQ(input.file, "blob") << "no path of this machine";
  EXPECT_EQ(input.sha256, std::nullopt);
  EXPECT_EQ(input.modified->size(), std::string("2024-05-01T12:00:00Z").size());
  EXPECT_NE(record(path, HashInputs::Always).sha256, std::nullopt);
}

TEST_F(InputRecordTest, HashesNothingWhenAsked) {
  EXPECT_EQ(record(folder.write("model/a", "abc"), HashInputs::Never).sha256, std::nullopt);
}

TEST_F(InputRecordTest, StopsWhenTold) {
  EXPECT_EQ(errorOf(recordInput({folder.write("a", "abc")}, "", HashInputs::Always,
                                [] { return llvm::createStringError("stop"); })),
            "stop");
}

} // namespace

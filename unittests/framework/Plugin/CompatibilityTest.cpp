// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of the comparison of two builds: what differs is named.

#include "Plugin/Compatibility.h"

#include <gmock/gmock.h>

using namespace optrun;
using testing::AllOf;
using testing::HasSubstr;

namespace {

const ElfNote host = {1, 2,
                      "headers=aaaa;llvm=19.1.7/abi-checks=0;stdlib=libstdc++/cxx11=1/abi=1017;"
                      "assertions=off;sanitizers=none"};

std::string compare(ElfNote plugin) {
  llvm::Error error = checkCompatible(plugin, host);
  return error ? llvm::toString(std::move(error)) : "compatible";
}

ElfNote with(const std::string &field, const std::string &value) {
  ElfNote note = host;
  size_t begin = note.fingerprint.find(field + "=");
  size_t end = std::min(note.fingerprint.find(';', begin), note.fingerprint.size());
  note.fingerprint.replace(begin, end - begin, field + "=" + value);
  return note;
}

TEST(Compatibility, acceptsTheSameBuild) { EXPECT_EQ(compare(host), "compatible"); }

TEST(Compatibility, acceptsOlderMinorVersionsOnly) {
  EXPECT_EQ(compare({1, 0, host.fingerprint}), "compatible");
  EXPECT_EQ(compare({1, 3, host.fingerprint}),
            "it needs plugin ABI 1.3, this opt-run has 1.2; rebuild it with this OptRun's SDK");
}

TEST(Compatibility, refusesAnotherMajorVersion) {
  EXPECT_EQ(compare({2, 0, host.fingerprint}),
            "its plugin ABI is version 2, this opt-run's 1; rebuild it with this OptRun's SDK");
}

TEST(Compatibility, namesTheFieldThatDiffers) {
  EXPECT_THAT(compare(with("headers", "bbbb")), HasSubstr("the headers of another OptRun"));
  EXPECT_THAT(compare(with("llvm", "18.1.0/abi-checks=0")),
              HasSubstr("another LLVM (it: 18.1.0/abi-checks=0, opt-run: 19.1.7/abi-checks=0)"));
  EXPECT_THAT(compare(with("stdlib", "libc++/1")), HasSubstr("another C++ standard library"));
  EXPECT_THAT(compare(with("assertions", "on")),
              HasSubstr("other assertion settings (it: on, opt-run: off)"));
  EXPECT_THAT(compare(with("sanitizers", "address")),
              HasSubstr("other sanitizers (it: address, opt-run: none)"));
}

TEST(Compatibility, namesAllFieldsThatDiffer) {
  ElfNote plugin = with("assertions", "on");
  plugin.fingerprint.replace(plugin.fingerprint.find("aaaa"), 4, "bbbb");
  EXPECT_THAT(compare(plugin), AllOf(HasSubstr("headers"), HasSubstr("assertion")));
}

TEST(Compatibility, refusesFingerprintsWithMissingOrUnknownFields) {
  EXPECT_THAT(compare({1, 2, ""}), HasSubstr("headers of another OptRun"));
  EXPECT_THAT(compare({1, 2, host.fingerprint + ";future=1"}),
              HasSubstr("fields that this opt-run does not know"));
}

TEST(Compatibility, takesOurOwnNoteForCompatible) {
  EXPECT_FALSE(checkCompatible(hostNote(), hostNote()));
}

} // namespace

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of the ELF reader: real libraries, and files that lie about themselves.

#include "Plugin/Compatibility.h"
#include "PluginFixtures.h"
#include "TestSupport/TemporaryFolder.h"

#include <cstring>
#include <elf.h>
#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

std::string reasonFor(const std::string &path) {
  auto note = readElfNote(path);
  return note ? "a note" : llvm::toString(note.takeError());
}

class ElfNoteTest : public testing::Test {
protected:
  /// The result for a file of these bytes.
  std::string reasonForBytes(const std::string &bytes) {
    return reasonFor(folder.write("file.so", bytes));
  }
  /// The good plugin after \p change.
  template <typename T> std::string changed(size_t offset, T value) {
    std::string bytes = good;
    std::memcpy(bytes.data() + offset, &value, sizeof(value));
    return bytes;
  }

  TemporaryFolder folder;
  const std::string good = readFile(pluginFixture("good"));
};

TEST_F(ElfNoteTest, readsVersionAndFingerprint) {
  auto note = readElfNote(pluginFixture("good"));
  ASSERT_TRUE(static_cast<bool>(note)) << llvm::toString(note.takeError());
  EXPECT_EQ(note->abiMajor, hostNote().abiMajor);
  EXPECT_EQ(note->abiMinor, hostNote().abiMinor);
  EXPECT_EQ(note->fingerprint, hostNote().fingerprint);
}

TEST_F(ElfNoteTest, saysWhatIsNoPlugin) {
  EXPECT_THAT(reasonFor(folder.path("missing.so")), HasSubstr("No such file"));
  EXPECT_THAT(reasonFor(folder.path("")), HasSubstr("folder")); // no regular file
  EXPECT_EQ(reasonForBytes(""), "the file is empty");
  EXPECT_THAT(reasonForBytes("x"), HasSubstr("no ELF header"));
  EXPECT_THAT(reasonForBytes("#!/bin/sh\necho I am no library\n"), HasSubstr("no ELF header"));
  EXPECT_EQ(reasonForBytes(std::string(ELFMAG, SELFMAG)), "the file is truncated");
  EXPECT_THAT(reasonFor(pluginFixture("no-note")), HasSubstr("not an OptRun plugin"));
}

TEST_F(ElfNoteTest, tellsOtherKindsOfElfFiles) {
  EXPECT_THAT(reasonForBytes(changed<uint8_t>(EI_CLASS, ELFCLASS32)), HasSubstr("64-bit"));
  EXPECT_THAT(reasonForBytes(changed<uint8_t>(EI_DATA, ELFDATA2MSB)),
              HasSubstr("another processor"));
  EXPECT_THAT(reasonForBytes(changed<Elf64_Half>(offsetof(Elf64_Ehdr, e_machine), EM_S390)),
              HasSubstr("another processor"));
  EXPECT_THAT(reasonForBytes(changed<Elf64_Half>(offsetof(Elf64_Ehdr, e_type), ET_REL)),
              HasSubstr("no shared library"));
}

TEST_F(ElfNoteTest, noticesATruncatedFileWhereverItWasCut) {
  for (size_t size = SELFMAG; size < good.size(); size += 1 + good.size() / 97)
    EXPECT_EQ(reasonForBytes(good.substr(0, size)), "the file is truncated") << size;
  EXPECT_EQ(reasonForBytes(good.substr(0, good.size() - 1)), "the file is truncated");
}

TEST_F(ElfNoteTest, survivesHeadersThatPointAnywhere) {
  const uint64_t hostile[] = {0,
                              1,
                              64,
                              good.size() - 1,
                              good.size(),
                              good.size() + 1,
                              uint64_t(1) << 32,
                              ~uint64_t(0) - 40,
                              ~uint64_t(0)};
  for (uint64_t value : hostile) {
    reasonForBytes(changed<uint64_t>(offsetof(Elf64_Ehdr, e_phoff), value));
    reasonForBytes(changed<uint64_t>(offsetof(Elf64_Ehdr, e_shoff), value));
    Elf64_Ehdr header;
    std::memcpy(&header, good.data(), sizeof(header));
    for (unsigned i = 0; i < header.e_phnum; ++i) {
      const size_t segment = header.e_phoff + i * sizeof(Elf64_Phdr);
      reasonForBytes(changed<uint64_t>(segment + offsetof(Elf64_Phdr, p_offset), value));
      reasonForBytes(changed<uint64_t>(segment + offsetof(Elf64_Phdr, p_filesz), value));
      reasonForBytes(changed<uint64_t>(segment + offsetof(Elf64_Phdr, p_align), value));
    }
  }
  EXPECT_THAT(reasonForBytes(changed<Elf64_Half>(offsetof(Elf64_Ehdr, e_phnum), 0)),
              HasSubstr("malformed"));
  EXPECT_THAT(reasonForBytes(changed<Elf64_Half>(offsetof(Elf64_Ehdr, e_phnum), 0xffff)),
              HasSubstr("truncated"));
}

TEST_F(ElfNoteTest, survivesNotesThatLieAboutTheirSizes) {
  const size_t note = good.find("OptRun", 0, sizeof("OptRun")) - 3 * sizeof(uint32_t);
  ASSERT_LT(note, good.size());
  for (uint32_t value : {0u, 1u, 6u, 8u, 1000u, 0x7fffffffu, 0xfffffffdu, 0xffffffffu})
    for (size_t field : {0, 4, 8})
      EXPECT_THAT(reasonForBytes(changed<uint32_t>(note + field, value)),
                  testing::AnyOf(HasSubstr("not an OptRun plugin"), "a note"));
}

} // namespace

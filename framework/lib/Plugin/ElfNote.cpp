// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads OptRun's note from a shared library without loading it.

#include "Plugin/ElfNote.h"

#include "optrun/Plugin/PluginAbi.h"
#include "optrun/Storage/FileHandle.h"

#include "llvm/Support/Endian.h"

#include <cstring>
#include <elf.h>
#include <optional>
#include <vector>

using namespace optrun;

namespace {

constexpr uint64_t MaxNoteSegment = 1
                                    << 20; // bytes; the notes of real libraries take a few hundred

// The processor that this file is compiled for.
constexpr Elf64_Half HostMachine =
#if defined(__x86_64__)
    EM_X86_64;
#elif defined(__aarch64__)
    EM_AARCH64;
#elif defined(__riscv)
    EM_RISCV;
#else
    EM_NONE; // not compared
#endif
constexpr unsigned char HostByteOrder =
    llvm::endianness::native == llvm::endianness::little ? ELFDATA2LSB : ELFDATA2MSB;

llvm::Error reason(const llvm::Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

llvm::Error truncated() { return reason("the file is truncated"); }

/// A file whose parts are read only after their place was checked.
class ElfFile {
public:
  explicit ElfFile(const FileHandle &file) : file(file) {}

  bool contains(uint64_t offset, uint64_t length) const {
    return offset <= file.size() && length <= file.size() - offset;
  }

  template <typename T> llvm::Expected<T> read(uint64_t offset) const {
    T value;
    if (!contains(offset, sizeof(T)))
      return truncated();
    if (llvm::Error error = file.read(offset, {reinterpret_cast<uint8_t *>(&value), sizeof(value)}))
      return error;
    return value;
  }

  llvm::Expected<std::vector<uint8_t>> readBytes(uint64_t offset, uint64_t length) const {
    if (!contains(offset, length))
      return truncated();
    std::vector<uint8_t> bytes(length);
    if (llvm::Error error = file.read(offset, bytes))
      return error;
    return bytes;
  }

private:
  const FileHandle &file;
};

llvm::Error checkHeader(const Elf64_Ehdr &header) {
  // The class comes first: the fields after it lie elsewhere in a 32-bit file.
  if (header.e_ident[EI_CLASS] != ELFCLASS64)
    return reason("it is not a 64-bit library");
  if (header.e_ident[EI_DATA] != HostByteOrder ||
      (HostMachine != EM_NONE && header.e_machine != HostMachine))
    return reason("it is built for another processor");
  if (header.e_type != ET_DYN)
    return reason("it is an ELF file but no shared library");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0)
    return reason("its program headers are malformed");
  return llvm::Error::success();
}

/// The notes of one PT_NOTE segment: name size, description size, type; name and description, each
/// padded to \p alignment.
std::optional<ElfNote> findNote(llvm::ArrayRef<uint8_t> segment, uint64_t alignment) {
  const auto padded = [&](uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
  while (segment.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    std::memcpy(&header, segment.data(), sizeof(header));
    segment = segment.drop_front(sizeof(header));
    // Both sizes have 32 bits, so the sums below cannot overflow.
    const uint64_t nameEnd = padded(header.n_namesz);
    if (nameEnd + header.n_descsz > segment.size())
      return std::nullopt;
    llvm::ArrayRef<uint8_t> name = segment.take_front(header.n_namesz);
    llvm::ArrayRef<uint8_t> description = segment.slice(nameEnd, header.n_descsz);
    constexpr char Owner[] = OPTRUN_PLUGIN_NOTE_NAME;
    if (header.n_type == OPTRUN_PLUGIN_NOTE_TYPE && name.size() == sizeof(Owner) &&
        std::memcmp(name.data(), Owner, sizeof(Owner)) == 0 &&
        description.size() >= 2 * sizeof(uint32_t)) {
      ElfNote note;
      std::memcpy(&note.abiMajor, description.data(), sizeof(uint32_t));
      std::memcpy(&note.abiMinor, description.data() + sizeof(uint32_t), sizeof(uint32_t));
      llvm::StringRef text(reinterpret_cast<const char *>(description.data()) +
                               2 * sizeof(uint32_t),
                           description.size() - 2 * sizeof(uint32_t));
      note.fingerprint = text.take_until([](char c) { return c == '\0'; }).str();
      return note;
    }
    segment =
        segment.drop_front(std::min<uint64_t>(segment.size(), nameEnd + padded(header.n_descsz)));
  }
  return std::nullopt;
}

} // namespace

llvm::Expected<ElfNote> optrun::readElfNote(llvm::StringRef path) {
  auto handle = FileHandle::open(path);
  if (!handle)
    return handle.takeError();
  const uint64_t size = (*handle)->size();
  if (size == 0)
    return reason("the file is empty");
  ElfFile file(**handle);
  char magic[SELFMAG] = {};
  if (size >= SELFMAG)
    if (llvm::Error error = (*handle)->read(0, {reinterpret_cast<uint8_t *>(magic), SELFMAG}))
      return error;
  if (std::memcmp(magic, ELFMAG, SELFMAG) != 0)
    return reason("it is not a shared library (no ELF header)");

  auto header = file.read<Elf64_Ehdr>(0);
  if (!header)
    return header.takeError();
  if (llvm::Error error = checkHeader(*header))
    return error;
  // The section table comes last in a file, so it shows a file that was cut off anywhere.
  if (header->e_shoff != 0 &&
      !file.contains(header->e_shoff, uint64_t(header->e_shnum) * header->e_shentsize))
    return truncated();

  std::optional<ElfNote> note;
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    if (header->e_phoff > size)
      return truncated();
    auto segment = file.read<Elf64_Phdr>(header->e_phoff + uint64_t(i) * sizeof(Elf64_Phdr));
    if (!segment)
      return segment.takeError();
    if (segment->p_type != PT_LOAD && segment->p_type != PT_NOTE && segment->p_type != PT_DYNAMIC)
      continue;
    // The dynamic loader maps what the headers say; touching a page past the end is a SIGBUS.
    if (!file.contains(segment->p_offset, segment->p_filesz))
      return truncated();
    if (segment->p_type != PT_NOTE || note || segment->p_filesz > MaxNoteSegment)
      continue;
    auto bytes = file.readBytes(segment->p_offset, segment->p_filesz);
    if (!bytes)
      return bytes.takeError();
    note = findNote(*bytes, segment->p_align == 8 ? 8 : 4);
  }
  if (!note)
    return reason("it is not an OptRun plugin (it has no " OPTRUN_PLUGIN_NOTE_SECTION
                  " note; a plugin contains OPTRUN_PLUGIN once)");
  return std::move(*note);
}

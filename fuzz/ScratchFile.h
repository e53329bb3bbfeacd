// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// A file for fuzz targets of readers that take paths.

#ifndef OPTRUN_FUZZ_SCRATCHFILE_H
#define OPTRUN_FUZZ_SCRATCHFILE_H

#include <cstdint>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace optrun::fuzz {

/// One file, overwritten again and again, and removed at the end.
class ScratchFile {
public:
  explicit ScratchFile(const std::string &suffix)
      // In memory where possible: file systems on disks take most of the time otherwise.
      : path((::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") +
             ("/optrun-fuzz-XXXXXX" + suffix)),
        descriptor(::mkstemps(path.data(), static_cast<int>(suffix.size()))) {
    if (descriptor < 0)
      std::abort();
  }
  ~ScratchFile() {
    ::close(descriptor);
    ::unlink(path.c_str());
  }
  ScratchFile(const ScratchFile &) = delete;
  ScratchFile &operator=(const ScratchFile &) = delete;

  /// The path of the file, which now has this content.
  const std::string &with(const uint8_t *data, size_t size) {
    if (::ftruncate(descriptor, 0) != 0 ||
        ::pwrite(descriptor, data, size, 0) != static_cast<ssize_t>(size))
      std::abort();
    return path;
  }

private:
  std::string path;
  int descriptor;
};

} // namespace optrun::fuzz

#endif // OPTRUN_FUZZ_SCRATCHFILE_H

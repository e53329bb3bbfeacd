// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Byte sizes as people write them: "2GB", "1.5GiB", "500MB", "4096".

#ifndef OPTRUN_SUPPORT_BYTESIZE_H
#define OPTRUN_SUPPORT_BYTESIZE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <compare>
#include <cstdint>
#include <string>

namespace optrun {

/// A count of bytes; a type of its own, so that options show and check it as a size.
struct ByteSize {
  uint64_t bytes = 0;
  auto operator<=>(const ByteSize &) const = default;
};

/// Units: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (powers of 1024), any case but for
/// a trailing lower-case "b", which means bits elsewhere and is an error. Decimals are accepted, a
/// result that is no whole number of bytes is rounded down. Overflow and anything else: an error.
llvm::Expected<ByteSize> parseByteSize(llvm::StringRef text);

/// For people: "1.32 GB", powers of 1000, three digits.
std::string formatByteSize(uint64_t bytes);

/// Parses back to the same count: "2GB" when that is exact, else plain bytes.
std::string printByteSize(ByteSize size);

} // namespace optrun

#endif // OPTRUN_SUPPORT_BYTESIZE_H

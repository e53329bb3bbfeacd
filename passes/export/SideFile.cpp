// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Texts and copies.

#include "SideFile.h"

#include "optrun/Storage/OutputFile.h"

#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::exporting {

Error writeText(StringRef path, StringRef text) {
  Expected<OutputFile> out = OutputFile::create(path);
  if (!out)
    return out.takeError();
  if (Error error = out->append(text))
    return error;
  return out->close();
}

SideFile makeTextFile(StringRef name, std::string text) {
  const uint64_t bytes = text.size();
  return {name.str(), bytes, [text = std::move(text)](StringRef path, Advance advance) -> Error {
            if (Error error = writeText(path, text))
              return error;
            return advance(text.size());
          }};
}

Expected<SideFile> makeCopy(StringRef path) {
  Expected<std::shared_ptr<const FileHandle>> source = FileHandle::open(path);
  if (!source)
    return source.takeError();
  const uint64_t bytes = (*source)->size();
  auto write = [source = std::move(*source)](StringRef target, Advance advance) -> Error {
    Expected<OutputFile> out = OutputFile::create(target);
    if (!out)
      return out.takeError();
    Steps steps(advance);
    if (Error error = out->appendRange(*source, 0, source->size(),
                                       [&](uint64_t done) { return steps.upTo(done); })
                          .takeError())
      return error;
    return out->close();
  };
  return SideFile{sys::path::filename(path).str(), bytes, std::move(write)};
}

} // namespace optrun::exporting

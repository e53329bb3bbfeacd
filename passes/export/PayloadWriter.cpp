// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writing of data files and .onnx files.

#include "PayloadWriter.h"

#include "optrun/IR/TensorOutput.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

using namespace llvm;

namespace optrun::exporting {
namespace {

Expected<OutputFile> copyOf(const FileHandle &source, StringRef path, Advance advance) {
  Expected<OutputFile> out = OutputFile::create(path);
  if (!out)
    return out.takeError();
  Steps steps(advance);
  Expected<CopyMethod> copied =
      out->appendRange(source, 0, source.size(), [&](uint64_t bytes) { return steps.upTo(bytes); });
  if (!copied)
    return copied.takeError();
  return out;
}

Error append(const DataFile &file, OutputFile &out, Advance advance) {
  for (const PlacedPayload &payload : file.payloads) {
    if (Error error = out.alignTo(PayloadAlignment))
      return error;
    if (out.position() != payload.offset)
      return createStringError("internal error: '" + file.name +
                               "' is not written as it was planned");
    Steps steps(advance);
    if (Error error = ir::appendPayload(out, *payload.tensor,
                                        [&](uint64_t bytes) { return steps.upTo(bytes); }))
      return error;
  }
  return Error::success();
}

/// At \p path, for going on behind it: the file itself where it can have that name.
Expected<OutputFile> beginWithScratch(const FileHandle &scratch, StringRef path, Spool &spool,
                                      Advance advance) {
  Expected<bool> isPublished = spool.publish(scratch, path);
  if (!isPublished)
    return isPublished.takeError();
  if (*isPublished) {
    if (Error error = advance(scratch.size()))
      return error;
    return OutputFile::extend(path);
  }
  return copyOf(scratch, path, advance);
}

/// What payloads are appended to.
Expected<OutputFile> beginDataFile(const DataFile &file, StringRef path, Spool &spool,
                                   Advance advance) {
  switch (file.kind) {
  case DataFile::Kind::Scratch:
    return beginWithScratch(*file.source, path, spool, advance);
  case DataFile::Kind::Copied:
    return copyOf(*file.source, path, advance);
  default:
    return OutputFile::create(path);
  }
}

Error makeHardLink(const FileHandle &source, const std::string &path) {
  auto problem = [&](const Twine &reason) {
    return createStringError("cannot make a hard link to '" + source.path() + "' in '" +
                             llvm::StringRef(path).rsplit('/').first + "': " + reason +
                             "; use link: copy");
  };
  // The path may be a symbolic link, as in Hugging Face's cache: it is the file that is wanted.
  if (::linkat(AT_FDCWD, source.path().str().c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) !=
      0)
    return problem(errno == EXDEV ? "they are on different file systems"
                                  : std::generic_category().message(errno));
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0 || status.st_ino != source.inode()) {
    ::unlink(path.c_str());
    return problem("the file was replaced since it was read");
  }
  return Error::success();
}

} // namespace

Error writeDataFile(const DataFile &file, StringRef path, Spool &spool, Advance advance) {
  if (file.kind == DataFile::Kind::Own)
    return Error::success();
  if (file.kind == DataFile::Kind::Linked)
    return makeHardLink(*file.source, path.str());
  Expected<OutputFile> out = beginDataFile(file, path, spool, advance);
  if (!out)
    return out.takeError();
  if (Error error = append(file, *out, advance))
    return error;
  return out->close();
}

Error writeOnnxFile(const ir::Component &component, const ComponentPlacement &placement,
                    StringRef path, Advance advance) {
  Expected<OutputFile> out = OutputFile::create(path);
  if (!out)
    return out.takeError();
  Steps steps(advance);
  auto progress = [&](uint64_t bytes) { return steps.upTo(bytes); };
  onnx::WriteOptions options;
  options.external = placement.external;
  options.progress = progress;
  if (Error error = onnx::writeModel(component, *out, options))
    return error;
  return out->close();
}

} // namespace optrun::exporting

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// For --dump-after.

#include "Pass/PackageDump.h"

#include "optrun/IR/Printer.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace optrun;

static void print(const ir::Package &package, llvm::StringRef step, llvm::raw_ostream &os) {
  os << "// after " << step << '\n';
  ir::print(package, os);
}

llvm::Error optrun::dumpPackage(const ir::Package &package, llvm::StringRef step, size_t index,
                                llvm::StringRef folder) {
  if (folder.empty()) {
    print(package, step, llvm::errs());
    return llvm::Error::success();
  }
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, llvm::Twine(index + 1) + "-" + step + ".txt");
  const auto failure = [&](std::error_code code) {
    return llvm::createStringError(code, "cannot write the dump '" + path + "': " + code.message());
  };
  if (std::error_code code = llvm::sys::fs::create_directories(folder))
    return failure(code);
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (code)
    return failure(code);
  print(package, step, os);
  os.close();
  if (!os.has_error())
    return llvm::Error::success();
  code = os.error();
  os.clear_error(); // an error that is not cleared ends the process
  return failure(code);
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The driver's entry point.

#include "optrun/Support/Version.h"

#include "llvm/Support/raw_ostream.h"

#include <cstring>

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    llvm::outs() << "OptRun " << optrun::versionString() << '\n';
    return 0;
  }
  llvm::errs() << "usage: opt-run --version\n";
  return 2;
}

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Turns exceptions into errors.

#include "Execution/ExceptionFirewall.h"

#include <exception>
#include <new>
#include <system_error>

using namespace optrun;

char UncaughtException::ID = 0;

llvm::Error optrun::catchExceptions(llvm::function_ref<llvm::Error()> call) {
  try {
    return call();
  } catch (const std::bad_alloc &) {
    // Nobody's defect; a plain error.
    return llvm::createStringError(std::make_error_code(std::errc::not_enough_memory),
                                   "out of memory; a smaller --memory-budget or fewer --threads "
                                   "need less");
  } catch (const std::exception &exception) {
    return llvm::make_error<UncaughtException>(exception.what());
  } catch (...) {
    return llvm::make_error<UncaughtException>("of a type that says nothing");
  }
}

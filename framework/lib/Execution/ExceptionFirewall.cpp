// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Turns exceptions into errors.

#include "Execution/ExceptionFirewall.h"

#include <exception>
#include <new>
#include <system_error>

llvm::Error optrun::catchExceptions(llvm::function_ref<llvm::Error()> call) {
  try {
    return call();
  } catch (const std::bad_alloc &) {
    return llvm::createStringError(std::make_error_code(std::errc::not_enough_memory),
                                   "out of memory");
  } catch (const std::exception &exception) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), "uncaught exception: %s",
                                   exception.what());
  } catch (...) {
    return llvm::createStringError("uncaught exception of an unknown type");
  }
}

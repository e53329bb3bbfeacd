// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// LLVM's Error and Expected in tests: the value, or the message.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_ERRORS_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_ERRORS_H

#include "llvm/Support/Error.h"

#include <stdexcept>
#include <string>

namespace optrun::test {

/// The message; empty for success. `EXPECT_EQ(errorOf(file.close()), "")`.
inline std::string errorOf(llvm::Error error) { return llvm::toString(std::move(error)); }

/// The message; "(no error)" for a value, so that a test for an error cannot pass by accident.
template <typename T> std::string errorOf(llvm::Expected<T> value) {
  return value ? "(no error)" : llvm::toString(value.takeError());
}

/// The value of something that must succeed. The test ends with the message when it does not.
template <typename T> T valueOf(llvm::Expected<T> value) {
  if (!value)
    throw std::runtime_error("unexpected error: " + llvm::toString(value.takeError()));
  return std::move(*value);
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_ERRORS_H

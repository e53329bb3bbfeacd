// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a source of a tensor holds.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_SOURCEBYTES_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_SOURCEBYTES_H

#include "TestSupport/Errors.h"

#include "optrun/IR/TensorSource.h"

#include <gtest/gtest.h>

namespace optrun::test {

/// All bytes; none where there is no source.
inline std::vector<uint8_t> bytesOf(const ir::TensorSourceRef &source) {
  if (!source)
    return {};
  std::vector<uint8_t> bytes(source->byteSize());
  EXPECT_EQ(errorOf(source->read(0, bytes)), "");
  return bytes;
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_SOURCEBYTES_H

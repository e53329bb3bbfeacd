// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Are two models the same? Compares what they mean, not how it is encoded.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_MODELDIFF_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_MODELDIFF_H

#include "optrun/IR/Package.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

namespace optrun::test {

/// The model in a file, by the ONNX library's own classes; data in other files is loaded.
::onnx::ModelProto loadProto(const std::string &path);

/// The model that writeModelToMemory() gives, by the ONNX library's own classes.
::onnx::ModelProto toProto(const ir::Component &component);

/// The first differences, one a line; empty when there are none. Of no account: fields at their
/// default against fields left out, the order of value_info, raw_data against typed data.
std::string modelDiff(::onnx::ModelProto expected, ::onnx::ModelProto actual);

/// For EXPECT_TRUE.
testing::AssertionResult modelsEqual(const ::onnx::ModelProto &expected,
                                     const ::onnx::ModelProto &actual);
testing::AssertionResult modelsEqual(const ir::Component &expected, const ir::Component &actual);

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_MODELDIFF_H

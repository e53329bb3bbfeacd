// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Short ways to get a model in a test. What cannot be made is a failure of the test.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_TESTMODELS_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_TESTMODELS_H

#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Onnx/OnnxWriter.h"

namespace optrun::test {

/// A component from ONNX's textual syntax.
std::unique_ptr<ir::Component> parseModel(llvm::StringRef text);

/// An initializer in that syntax: "float[2,2] w = {0,0,0,0}".
std::string zeros(llvm::StringRef type, llvm::StringRef name, llvm::ArrayRef<int64_t> dims);

/// A component from a file.
std::unique_ptr<ir::Component> readModel(const std::string &path);

/// Writes a component to a new file.
void writeModel(const ir::Component &component, const std::string &path,
                const onnx::WriteOptions &options = onnx::WriteOptions());

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_TESTMODELS_H

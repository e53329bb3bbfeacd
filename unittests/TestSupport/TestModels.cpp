// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading, parsing and writing that must succeed.

#include "TestSupport/TestModels.h"

#include <gtest/gtest.h>

namespace optrun::test {

std::unique_ptr<ir::Component> parseModel(llvm::StringRef text) {
  auto component = onnx::parseModelText(text);
  if (component)
    return std::move(*component);
  ADD_FAILURE() << llvm::toString(component.takeError());
  return std::make_unique<ir::Component>();
}

std::unique_ptr<ir::Component> readModel(const std::string &path) {
  auto result = onnx::readModel(path);
  if (result)
    return std::move(result->component);
  ADD_FAILURE() << llvm::toString(result.takeError());
  return std::make_unique<ir::Component>();
}

void writeModel(const ir::Component &component, const std::string &path,
                const onnx::WriteOptions &options) {
  auto file = OutputFile::create(path);
  if (!file) {
    ADD_FAILURE() << llvm::toString(file.takeError());
    return;
  }
  llvm::Error error = onnx::writeModel(component, *file, options);
  if (!error)
    error = file->close();
  EXPECT_FALSE(error) << llvm::toString(std::move(error));
}

} // namespace optrun::test

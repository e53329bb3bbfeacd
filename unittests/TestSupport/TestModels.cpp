// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading, parsing and writing that must succeed.

#include "TestSupport/TestModels.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

namespace optrun::test {

std::unique_ptr<ir::Component> parseModel(llvm::StringRef text) {
  auto component = onnx::parseModelText(text);
  if (component)
    return std::move(*component);
  ADD_FAILURE() << llvm::toString(component.takeError());
  return std::make_unique<ir::Component>();
}

std::string zeros(llvm::StringRef type, llvm::StringRef name, llvm::ArrayRef<int64_t> dims) {
  std::vector<std::string> shape, elements = {"0"};
  for (int64_t extent : dims) {
    shape.push_back(std::to_string(extent));
    elements.resize(elements.size() * static_cast<size_t>(extent), "0");
  }
  return (type + "[" + llvm::join(shape, ",") + "] " + name + " = {" + llvm::join(elements, ",") +
          "}")
      .str();
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

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs one ONNX model in ONNX Runtime, on the CPU.

#ifndef OPTRUN_RUNTIME_SESSION_H
#define OPTRUN_RUNTIME_SESSION_H

#include "optrun/Runtime/RuntimeValue.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <memory>

namespace optrun::runtime {

struct SessionOptions {
  /// ONNX Runtime's graph optimizations, all of them or none. Without them every operator is
  /// computed as the model states it, whatever its neighbours are.
  bool optimize = true;
  unsigned threads = 1;
};

class Session {
public:
  /// Loads the model at \p path. An error says whether the runtime is missing, the file is bad, or
  /// an operator has no implementation for a type.
  static llvm::Expected<std::unique_ptr<Session>> open(llvm::StringRef path,
                                                       const SessionOptions &options);
  /// Loads a serialized model. Its external data lies in \p folder.
  static llvm::Expected<std::unique_ptr<Session>> openFromMemory(llvm::ArrayRef<uint8_t> model,
                                                                 llvm::StringRef folder,
                                                                 const SessionOptions &options);
  ~Session();

  /// In the model's order. Initializers that old models list as inputs too are left out.
  llvm::ArrayRef<std::string> inputs() const;
  llvm::ArrayRef<std::string> outputs() const;

  /// Runs on the values that \p valueOf gives for the names of inputs (null: there is none, an
  /// error), and returns the outputs in the model's order.
  llvm::Expected<std::vector<RuntimeValue>>
  run(llvm::function_ref<const RuntimeValue *(const std::string &)> valueOf);

private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace optrun::runtime

#endif // OPTRUN_RUNTIME_SESSION_H

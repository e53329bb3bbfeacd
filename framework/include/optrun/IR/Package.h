// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A Package is the model that a run works on: one or more components that run in order, passing
/// values by name, with the attachments that passes hand on.

#ifndef OPTRUN_IR_PACKAGE_H
#define OPTRUN_IR_PACKAGE_H

#include "optrun/IR/Attachment.h"
#include "optrun/IR/Graph.h"

namespace optrun::ir {

struct OpsetImport {
  std::string domain;
  int64_t version = 0;
};

/// A model-local function. The body's inputs and outputs are the formal parameters, untyped.
struct Function {
  std::string domain, name, overload;
  std::string docString;
  std::vector<std::string> attributes; // required
  std::vector<Attribute> attributesWithDefaults;
  std::vector<OpsetImport> opsets;
  Metadata metadata;
  Graph body;
};

/// A copy of a function; tensors are shared.
llvm::Expected<std::unique_ptr<Function>> cloneFunction(const Function &function);

/// One ONNX model.
class Component {
public:
  std::string name;
  int64_t irVersion = 0;
  std::vector<OpsetImport> opsets;
  std::string producerName, producerVersion, domain, docString;
  int64_t modelVersion = 0;
  Metadata metadata;
  Graph graph;
  std::vector<std::unique_ptr<Function>> functions;
  /// Serialized ONNX training_info and configuration messages; carried along, never interpreted.
  std::vector<std::string> trainingInfo, deviceConfigurations;

  const Function *findFunction(llvm::StringRef domain, llvm::StringRef name,
                               llvm::StringRef overload = "") const;
  std::optional<int64_t> opsetVersion(llvm::StringRef domain) const;
};

/// Copies graph and metadata; tensors are shared.
llvm::Expected<std::unique_ptr<Component>> cloneComponent(const Component &source);

/// Distinct payload bytes of a component's constants (initializers and tensor attributes, nested
/// graphs and functions included); a tensor object used twice counts once.
uint64_t weightBytes(const Component &component);

/// A file that the run read.
struct InputFile {
  std::string path; // absolute
};

class Package {
public:
  std::vector<std::unique_ptr<Component>> components;
  AttachmentSet attachments;
  /// The model as captured: the main file first, under the name that the user gave, then its data
  /// files, resolved through symlinks.
  std::vector<InputFile> sources;

  /// A copy of one of the components, as above.
  llvm::Expected<std::unique_ptr<Component>> cloneComponent(size_t index) const;
};

} // namespace optrun::ir

#endif // OPTRUN_IR_PACKAGE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Checks chains by their structure, and by running them.

#include "TestSupport/ChainChecks.h"

#include "optrun/Analysis/Dataflow.h"
#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/OnnxWriter.h"
#include "optrun/Runtime/OnnxRuntime.h"
#include "optrun/Runtime/Session.h"

#include "llvm/ADT/StringSet.h"

#include <cstring>
#include <map>
#include <set>

namespace optrun::test {
namespace {

using runtime::RuntimeValue;
using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

/// What identifies a node in the original and in its parts: its first output.
std::string nodeKey(const ir::Node &node) {
  for (const ir::Value *output : node.outputs())
    if (output)
      return output->name().str();
  return node.name;
}

/// "past + 1"-like sums of symbols and numbers, as exporters write them.
int64_t extentOf(const ir::Dimension &dimension) {
  if (dimension.extent)
    return *dimension.extent;
  int64_t total = 0;
  llvm::StringRef rest = dimension.symbol;
  while (!rest.empty()) {
    auto [term, tail] = rest.split('+');
    rest = tail;
    term = term.trim();
    int64_t number = 0;
    if (!term.getAsInteger(10, number))
      total += number;
    else
      total += term.starts_with("batch") ? 2 : term.starts_with("past") ? 4 : 3;
  }
  return total == 0 ? 2 : total;
}

template <typename T>
std::vector<uint8_t> fill(uint64_t elements, llvm::function_ref<T(uint64_t)> element) {
  std::vector<uint8_t> bytes(elements * sizeof(T));
  for (uint64_t i = 0; i < elements; ++i) {
    const T value = element(i);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

llvm::Expected<RuntimeValue> makeInput(const ir::Value &input) {
  const ir::Type &type = input.type();
  if (!type.isTensor() || !type.shape())
    return llvm::createStringError("input '" + input.name() + "' has no tensor type with a shape");
  std::vector<int64_t> dims;
  uint64_t elements = 1;
  for (const ir::Dimension &dimension : *type.shape()) {
    dims.push_back(extentOf(dimension));
    elements *= static_cast<uint64_t>(dims.back());
  }
  std::vector<uint8_t> bytes;
  const bool isMask = input.name().contains("mask");
  // Ids: token types are two in most models.
  const uint64_t ids = input.name().contains("type") ? 2 : 5;
  switch (type.elementType()) {
  case ir::DataType::Float32:
    bytes = fill<float>(elements, [](uint64_t i) { return float(i % 17) * 0.25f - 1.75f; });
    break;
  case ir::DataType::Int64:
    bytes = fill<int64_t>(elements, [&](uint64_t i) { return isMask ? 1 : int64_t(i % ids); });
    break;
  case ir::DataType::Int32:
    bytes = fill<int32_t>(elements, [&](uint64_t i) { return isMask ? 1 : int32_t(i % ids); });
    break;
  case ir::DataType::Bool:
    bytes = fill<uint8_t>(elements, [](uint64_t i) { return uint8_t(i % 2 == 0); });
    break;
  default:
    return llvm::createStringError("no made-up inputs of type " +
                                   ir::dataTypeName(type.elementType()));
  }
  return RuntimeValue::tensor(type.elementType(), dims, bytes);
}

/// Values by name, as they flow from component to component.
struct Values {
  std::map<std::string, RuntimeValue> byName;

  llvm::Error run(const ir::Component &component) {
    llvm::Expected<std::vector<uint8_t>> model = onnx::writeModelToMemory(component);
    if (!model)
      return model.takeError();
    runtime::SessionOptions options;
    options.optimize = false;
    auto session = runtime::Session::openFromMemory(*model, ".", options);
    if (!session)
      return llvm::createStringError("component '" + component.name +
                                     "': " + llvm::toString(session.takeError()));
    auto results = (*session)->run([&](const std::string &name) -> const RuntimeValue * {
      auto value = byName.find(name);
      return value == byName.end() ? nullptr : &value->second;
    });
    if (!results)
      return llvm::createStringError("component '" + component.name +
                                     "': " + llvm::toString(results.takeError()));
    for (size_t i = 0; i < results->size(); ++i)
      byName.insert_or_assign((*session)->outputs()[i], std::move((*results)[i]));
    return llvm::Error::success();
  }

  llvm::Error addInputs(const ir::Component &component) {
    for (const ir::Value *input : component.graph.inputs()) {
      if (input->isInitializer())
        continue;
      llvm::Expected<RuntimeValue> value = makeInput(*input);
      if (!value)
        return value.takeError();
      byName.insert_or_assign(input->name().str(), std::move(*value));
    }
    return llvm::Error::success();
  }
};

AssertionResult sameValue(llvm::StringRef name, const RuntimeValue &expected,
                          const RuntimeValue &actual) {
  if (expected.dataType() != actual.dataType() || expected.dims() != actual.dims())
    return AssertionFailure() << name.str() << ": other type or shape";
  if (expected.strings() != actual.strings() || expected.bytes() != actual.bytes())
    return AssertionFailure() << name.str() << ": other elements";
  return AssertionSuccess();
}

} // namespace

std::vector<std::string> namesOf(llvm::ArrayRef<ir::Value *> values) {
  std::vector<std::string> names;
  for (const ir::Value *value : values)
    names.push_back(value->name().str());
  return names;
}

AssertionResult chainIsComplete(const ir::Component &original, const Chain &chain,
                                const llvm::BitVector &recomputed) {
  const Dataflow flow = llvm::cantFail(Dataflow::build(original.graph));
  llvm::StringSet<> known, recomputedResults;
  for (unsigned node : recomputed.set_bits())
    for (const ir::Value *result : flow.node(node).outputs())
      if (result)
        recomputedResults.insert(result->name());
  std::multiset<std::string> outputs, nodes;
  std::set<std::string> inputs;
  for (const ir::Value *input : original.graph.inputs())
    known.insert(input->name());
  for (const auto &component : chain) {
    if (llvm::Error error = ir::verifyGraph(component->graph))
      return AssertionFailure() << component->name << ": " << llvm::toString(std::move(error));
    if (llvm::Error error = onnx::checkModel(*component))
      return AssertionFailure() << component->name << ": " << llvm::toString(std::move(error));
    for (const ir::Value *input : component->graph.inputs()) {
      if (!known.contains(input->name()))
        return AssertionFailure() << component->name << " takes " << input->name().str()
                                  << ", which nothing before it gives";
      if (recomputedResults.contains(input->name()))
        return AssertionFailure() << component->name << " takes " << input->name().str()
                                  << ", which it should compute";
      inputs.insert(input->name().str());
    }
    for (const std::string &output : namesOf(component->graph.outputs())) {
      known.insert(output);
      outputs.insert(output);
    }
    Dataflow part = llvm::cantFail(Dataflow::build(component->graph));
    for (uint32_t node = 0; node < part.size(); ++node)
      if (!part.foldsConstants(node))
        nodes.insert(nodeKey(part.node(node)));
  }
  for (const std::string &input : namesOf(original.graph.inputs()))
    if (!inputs.contains(input))
      return AssertionFailure() << "the input " << input << " is lost";
  for (const std::string &output : namesOf(original.graph.outputs()))
    if (outputs.count(output) != 1)
      return AssertionFailure() << outputs.count(output) << " components give the output "
                                << output;
  size_t expected = 0;
  for (uint32_t node = 0; node < flow.size(); ++node) {
    if (flow.foldsConstants(node))
      continue;
    const size_t count = nodes.count(nodeKey(flow.node(node)));
    const bool mayRepeat = !recomputed.empty() && recomputed.test(node);
    expected += count;
    if (count == 0 || (count > 1 && !mayRepeat))
      return AssertionFailure() << describeNode(flow.node(node)) << " is in " << count
                                << " components";
  }
  if (nodes.size() != expected)
    return AssertionFailure() << nodes.size() << " nodes instead of " << expected;
  return AssertionSuccess();
}

AssertionResult chainComputesTheSame(const ir::Component &original, const Chain &chain) {
  if (llvm::Expected<std::string> version = runtime::version(); !version) {
    llvm::consumeError(version.takeError());
    return AssertionSuccess() << "no ONNX Runtime";
  }
  Values whole, parts;
  for (Values *values : {&whole, &parts})
    if (llvm::Error error = values->addInputs(original))
      return AssertionFailure() << llvm::toString(std::move(error));
  if (llvm::Error error = whole.run(original))
    return AssertionFailure() << "original: " << llvm::toString(std::move(error));
  for (const auto &component : chain)
    if (llvm::Error error = parts.run(*component))
      return AssertionFailure() << llvm::toString(std::move(error));
  for (const std::string &output : namesOf(original.graph.outputs()))
    if (AssertionResult same = sameValue(output, whole.byName[output], parts.byName[output]); !same)
      return same;
  return AssertionSuccess();
}

} // namespace optrun::test

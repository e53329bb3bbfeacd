// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models of an opset in ONNX's textual syntax, and what a raised one is compared with.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_OPSETTESTSUPPORT_H
#define OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_OPSETTESTSUPPORT_H

#include "TestSupport/ChainChecks.h"
#include "TestSupport/Errors.h"
#include "TestSupport/ModelDiff.h"
#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"
#include "optrun/Transforms/OpsetConversion.h"

namespace optrun::test {

inline std::unique_ptr<ir::Component> modelOfOpset(int64_t opset, llvm::StringRef graph) {
  return parseModel(("<ir_version: 8, opset_import: [\"\" : " + llvm::Twine(opset) +
                     ", \"local\" : 1]>\n" + graph)
                        .str());
}

/// The component at \p target: it is valid, and computes what it did, bit by bit.
inline std::unique_ptr<ir::Component> raised(const ir::Component &component, int64_t target) {
  Chain chain;
  chain.push_back(valueOf(ir::cloneComponent(component)));
  ir::Component &result = *chain.front();
  EXPECT_EQ(errorOf(convertOpset(result, target)), "");
  EXPECT_EQ(result.opsetVersion(""), target);
  EXPECT_EQ(errorOf(ir::verifyGraph(result.graph)), "");
  EXPECT_EQ(errorOf(onnx::checkModel(result)), "");
  EXPECT_TRUE(chainComputesTheSame(component, chain)) << "at opset " << target;
  return std::move(chain.front());
}

/// The model at opset 21. The opsets of blocked and of 2-bit quantization are both tried.
inline std::unique_ptr<ir::Component> raisedFrom(int64_t opset, llvm::StringRef graph) {
  auto component = modelOfOpset(opset, graph);
  raised(*component, 25);
  return raised(*component, 21);
}

/// The message of the refusal. The component is what it was.
inline std::string refusalOf(int64_t opset, llvm::StringRef graph, int64_t target = 21) {
  auto component = modelOfOpset(opset, graph);
  const ::onnx::ModelProto before = toProto(*component);
  std::string message = errorOf(convertOpset(*component, target));
  EXPECT_TRUE(modelsEqual(before, toProto(*component)));
  return message;
}

/// Operators of a graph, in order.
inline std::vector<std::string> operatorsOf(const ir::Graph &graph) {
  std::vector<std::string> operators;
  for (const ir::Node &node : graph.nodes())
    operators.push_back(node.opType().str());
  return operators;
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_OPSETTESTSUPPORT_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The costs of graphs in ONNX's textual syntax, for the tests of this folder.

#ifndef OPTRUN_UNITTESTS_ANALYSIS_COSTOFTEXT_H
#define OPTRUN_UNITTESTS_ANALYSIS_COSTOFTEXT_H

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"

#include "optrun/Analysis/NodeCost.h"

#include <gtest/gtest.h>

namespace optrun::test {

/// B batch, S sequence, P past, T = P + S.
inline constexpr InputExtents Small = {2, 5, 3};
inline constexpr uint64_t B = 2, S = 5, T = 8;

inline GraphCost estimate(const std::string &text, const InputExtents &extents = Small) {
  auto component = parseModel(
      R"(<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1, "local" : 1]> )" + text);
  return valueOf(
      estimateGraphCost(*component, valueOf(Dataflow::build(component->graph)), extents));
}

/// The cost of the last node of a graph.
inline NodeCost last(const std::string &text, const InputExtents &extents = Small) {
  GraphCost cost = estimate(text, extents);
  EXPECT_EQ(cost.incompleteNodes, 0u) << text;
  return cost.nodes.back();
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_ANALYSIS_COSTOFTEXT_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// A decoder in miniature, for the tests of this folder.

#ifndef OPTRUN_UNITTESTS_PASSES_SPLITBYMEMORY_DECODERMODEL_H
#define OPTRUN_UNITTESTS_PASSES_SPLITBYMEMORY_DECODERMODEL_H

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Onnx/Checks.h"

#include <gtest/gtest.h>

namespace optrun::test {

/// Bytes of the weight of each of the modules "embed", "layers.<i>.up", "layers.<i>.down", "head".
inline constexpr uint64_t ModuleBytes = 8 * 4 * sizeof(float);

/// Layers with two weights and a residual connection; a mask of 16 bytes a token, made of 8 bytes a
/// token, that every layer uses; a head that is the table of embeddings if \p isTied.
inline std::unique_ptr<ir::Component> makeDecoder(int layers, bool isTied = false) {
  std::string weights =
      zeros("float", "table", {8, 4}) + ", int64[1] last = {2}, float[4] ones = {1, 1, 1, 1}";
  std::string nodes = R"(
    ["/embed/Gather"] x0 = Gather(table, ids)
    ["/mask/Cast"] given = Cast<to = 1>(attention_mask)
    ["/mask/Unsqueeze"] column = Unsqueeze(given, last)
    ["/mask/Mul"] mask = Mul(column, ones))";
  for (int layer = 0; layer < layers; ++layer) {
    const std::string i = std::to_string(layer), scope = "[\"/layers." + i + "/";
    weights += ", " + zeros("float", "up" + i, {4, 8}) + ", " + zeros("float", "down" + i, {8, 4});
    nodes += scope + "up/MatMul\"] u" + i + " = MatMul(x" + i + ", up" + i + ")\n";
    nodes += scope + "down/MatMul\"] d" + i + " = MatMul(u" + i + ", down" + i + ")\n";
    nodes += scope + "Mul\"] m" + i + " = Mul(d" + i + ", mask)\n";
    nodes += scope + "Add\"] x" + std::to_string(layer + 1) + " = Add(x" + i + ", m" + i + ")\n";
  }
  const std::string last = "x" + std::to_string(layers);
  if (isTied)
    nodes += "[\"/head/Transpose\"] out = Transpose(table)\n";
  else
    weights += ", " + zeros("float", "out", {4, 8});
  nodes += "[\"/head/MatMul\"] logits = MatMul(" + last + ", out)";
  auto component = parseModel("<ir_version: 10, opset_import: [\"\" : 21]>\ng (int64[B,S] ids, "
                              "int64[B,S] attention_mask) => (float[B,S,8] logits)\n<" +
                              weights + "> {" + nodes + "}");
  component->name = "decoder";
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  valueOf(recoverModuleHierarchy(*component));
  return component;
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_PASSES_SPLITBYMEMORY_DECODERMODEL_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The model of the published example, Phi-3.5-mini, by its tensors' shapes.

#ifndef OPTRUN_INTEGRATION_RECIPES_PUBLISHEDEXAMPLE_H
#define OPTRUN_INTEGRATION_RECIPES_PUBLISHEDEXAMPLE_H

#include <cstdint>
#include <string>
#include <vector>

namespace optrun::test {

struct PublishedExample {
  static constexpr uint64_t Layers = 32, Hidden = 3072, Inner = 8192, Vocabulary = 32064;
  /// Parameters. Query, key and value are one matrix, as are gate and up.
  static constexpr uint64_t Table = Vocabulary * Hidden; // of the embeddings, and of the head
  static constexpr uint64_t LinearOfLayer =
      Hidden * 3 * Hidden + Hidden * Hidden + Hidden * 2 * Inner + Inner * Hidden;
  static constexpr uint64_t Params = 2 * Table + Layers * (LinearOfLayer + 2 * Hidden) + Hidden;
  static_assert(Params == 3'821'079'552);
  static constexpr uint64_t Bytes = 2 * Params; // in half precision: 7.64 GB

  /// For make-decoder; its data file is a hole.
  static std::vector<std::string> decoder() {
    auto text = [](uint64_t count) { return std::to_string(count); };
    return {"--layers",  text(Layers),   "--hidden",       text(Hidden), "--intermediate",
            text(Inner), "--vocabulary", text(Vocabulary), "--fused",    "--sparse"};
  }
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_RECIPES_PUBLISHEDEXAMPLE_H

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Random graphs for properties that must hold for every cut.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_RANDOMMODEL_H
#define OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_RANDOMMODEL_H

#include <random>
#include <string>
#include <vector>

namespace optrun::test {

/// A model of small elementwise nodes, some constant, some with nested graphs.
class RandomModel {
public:
  explicit RandomModel(uint32_t seed) : random(seed) {}

  std::string text(uint32_t parts) {
    std::string nodes;
    for (uint32_t i = 0, count = 2 + below(24); i < count; ++i) {
      const std::string out = "v" + std::to_string(i);
      const std::string name = below(2) ? "[\"p" + std::to_string(below(parts)) + "\"] " : "";
      switch (below(8)) {
      case 0:
        nodes += name + out + " = Constant<value = float[2] {" + std::to_string(i) + ", 1}>()\n";
        break;
      case 1:
        nodes += name + out + " = DequantizeLinear(q" + std::to_string(below(2)) + ", s)\n";
        break;
      case 2:
        nodes += name + out + " = If (c) <then_branch = t" + std::to_string(i) +
                 " () => (float[2] t" + out + ") { t" + out + " = Add(" + any() + ", " + any() +
                 ") }, else_branch = e" + std::to_string(i) + " () => (float[2] e" + out + ") { e" +
                 out + " = Neg(" + any() + ") }>\n";
        break;
      case 3:
        nodes += name + out + " = Neg(" + any() + ")\n";
        break;
      default:
        nodes += name + out + " = " + (below(2) ? "Add(" : "Max(") + any() + ", " + any() + ")\n";
      }
      values.push_back(out);
    }
    std::string outputs;
    for (const std::string &value : values)
      if (value == values.back() || below(5) == 0)
        outputs += (outputs.empty() ? "float[2] " : ", float[2] ") + value;
    return "g (bool c, float[2] x, float[2] z) => (" + outputs +
           ")\n<float[2] w0 = {1, 2}, float[2] w1 = {3, 4}, int8[2] q0 = {1, 2}, "
           "int8[2] q1 = {3, 4}, float s = {0.5}> {\n" +
           nodes + "}";
  }

private:
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(random() % limit); }
  const std::string &any() { return values[below(static_cast<uint32_t>(values.size()))]; }

  std::mt19937 random;
  std::vector<std::string> values{"x", "z", "w0", "w1"};
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_TRANSFORMS_RANDOMMODEL_H

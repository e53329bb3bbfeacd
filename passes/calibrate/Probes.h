// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Has a model measure the inputs of its products.

#ifndef OPTRUN_PASSES_CALIBRATE_PROBES_H
#define OPTRUN_PASSES_CALIBRATE_PROBES_H

#include "optrun/IR/Package.h"

namespace optrun::calibrate {

struct Probes {
  /// One for each value that products multiply weights with.
  struct Probe {
    std::string output; ///< float[columns]: for each column, the sum of squares over all rows
    uint64_t columns = 0;
  };
  std::vector<Probe> inputs; ///< in the order of the model's outputs
  struct ProbedWeight {
    std::string name; ///< of its tensor
    std::vector<size_t> inputs;
  };
  std::vector<ProbedWeight> weights;
  /// Weights of which a product cannot be probed: that of Conv, or one in a nested graph.
  std::vector<std::string> left;
};

/// Turns \p model into one that computes the sums of squares of all inputs of products with weights
/// (findWeights()) and nothing else: they are its only outputs, and nodes that they do not depend
/// on are gone. Sums are in float, whatever the model computes in. Weights that are multiplied with
/// a single input have no probes.
Probes addProbes(ir::Component &model);

} // namespace optrun::calibrate

#endif // OPTRUN_PASSES_CALIBRATE_PROBES_H

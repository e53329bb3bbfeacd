// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which weights a recipe means, by patterns.
///
/// A pattern (`*`, `?`, `[a-z]`, `{q,k,v}_proj`; `*` takes dots, too) matches a weight when it
/// matches the name of its tensor, or the path of a module that uses it, or of a module around that
/// one: "model.layers.0" means all that is in the layer.

#ifndef OPTRUN_COMPRESSION_WEIGHTSELECTION_H
#define OPTRUN_COMPRESSION_WEIGHTSELECTION_H

#include "optrun/Compression/Weights.h"

namespace optrun {

struct WeightSelection {
  std::vector<std::string> include; ///< none: all weights
  std::vector<std::string> exclude; ///< stronger than include
  std::vector<std::string> rules;   ///< for each rule its pattern: the first that matches applies
  uint64_t minElements = 0;         ///< smaller weights are left alone, whatever the patterns say
};

struct WeightChoice {
  bool isSelected = false;
  std::optional<size_t> rule; ///< that applies to it
};

/// An error when \p pattern is none.
llvm::Error checkPattern(llvm::StringRef pattern);

/// For each weight, whether it is selected and by which rule. An OptionError for each pattern that
/// has no effect, because it matches nothing or, in a rule, because all of its weights are excluded
/// or taken by rules before: of "include[i]", "exclude[i]" or "rules[i].match", as passes that
/// choose weights call their options.
llvm::Expected<std::vector<WeightChoice>> chooseWeights(llvm::ArrayRef<Weight> weights,
                                                        const WeightSelection &selection);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_WEIGHTSELECTION_H

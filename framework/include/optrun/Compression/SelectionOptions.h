// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The options by which passes choose weights, the same for all of them.

#ifndef OPTRUN_COMPRESSION_SELECTIONOPTIONS_H
#define OPTRUN_COMPRESSION_SELECTIONOPTIONS_H

#include "optrun/Compression/WeightSelection.h"

namespace optrun {

/// For options with these members: strings `include` and `exclude`, `rules`, and an integer
/// `minElements`. \p Binder is an OptionBinder of them.
template <typename Owner, typename Binder> void bindSelection(Binder &bind) {
  bind.option("include", &Owner::include,
              "Patterns (`*`, `?`, `[a-z]`, `{q,k}_proj`) on names of weights and paths of "
              "modules; a module means all that is in it. Only what one of them matches is "
              "compressed.");
  bind.option("exclude", &Owner::exclude,
              "Patterns of what is left as it is, in spite of include.");
  bind.option("rules", &Owner::rules,
              "What is different for some weights. The first rule that matches a weight applies; "
              "what it does not say is as for all.");
  bind.option("min-elements", &Owner::minElements, "Smaller weights are left as they are.").min(0);
}

/// For one of the rules, with a string `match`, a flag `skip`, and changesSettings().
template <typename Rule, typename Binder> void bindRule(Binder &bind) {
  bind.option("match", &Rule::match,
              "Pattern on the name of a weight or the path of a module; see include.")
      .required()
      .nonEmpty();
  bind.option("skip", &Rule::skip, "Leaves these weights as they are.");
  bind.check([](const Rule &rule) { return rule.skip != rule.changesSettings(); },
             "a rule either skips weights or says what is different for them");
}

/// What such options select.
template <typename Owner> WeightSelection selectionOf(const Owner &options) {
  WeightSelection selection{
      options.include, options.exclude, {}, static_cast<uint64_t>(options.minElements)};
  for (const auto &rule : options.rules)
    selection.rules.push_back(rule.match);
  return selection;
}

/// What is wrong with options before there is a model: the path of the option ("rules[1].match")
/// and what to do.
struct OptionProblem {
  std::string option, message;
};

/// Patterns that are none.
std::vector<OptionProblem> findPatternProblems(const WeightSelection &selection);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_SELECTIONOPTIONS_H

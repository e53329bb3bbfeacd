// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Patterns on the names of weights and modules.

#include "optrun/Compression/WeightSelection.h"

#include "optrun/Support/OptionError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

namespace optrun {
namespace {

/// Alternatives that {…} may expand to: more are a mistake or an attack.
constexpr size_t MaxAlternatives = 1024;

class Pattern {
public:
  static llvm::Expected<Pattern> create(llvm::StringRef text) {
    if (text.empty())
      return llvm::createStringError("a pattern is empty: write '*' for everything");
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(text, MaxAlternatives);
    if (!glob)
      return llvm::createStringError("'" + text + "' is no pattern: " + toString(glob.takeError()));
    return Pattern(text, std::move(*glob));
  }

  bool matches(const Weight &weight) const {
    return llvm::any_of(weight.names, [&](const auto &name) { return glob.match(name); }) ||
           llvm::any_of(weight.modules, [&](const auto &path) { return matchesModule(path); });
  }
  llvm::StringRef text() const { return written; }

private:
  Pattern(llvm::StringRef text, llvm::GlobPattern glob) : written(text), glob(std::move(glob)) {}

  /// The module or one around it.
  bool matchesModule(llvm::StringRef path) const {
    for (; !path.empty(); path = path.rsplit('.').first) {
      if (glob.match(path))
        return true;
      if (!path.contains('.'))
        break;
    }
    return false;
  }

  std::string written;
  llvm::GlobPattern glob;
};

llvm::Expected<std::vector<Pattern>> patternsOf(llvm::ArrayRef<std::string> texts) {
  std::vector<Pattern> patterns;
  for (const std::string &text : texts) {
    llvm::Expected<Pattern> pattern = Pattern::create(text);
    if (!pattern)
      return pattern.takeError();
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

class Selector {
public:
  Selector(llvm::ArrayRef<Weight> weights, uint64_t minElements)
      : weights(weights), minElements(minElements) {}

  llvm::Expected<std::vector<WeightChoice>> run(const WeightSelection &selection) {
    for (const Weight &weight : weights)
      choices.push_back({weight.layout.elements() >= minElements, std::nullopt});
    llvm::Error problems = filter(selection.include, "include", /*keepMatches=*/true);
    problems = llvm::joinErrors(std::move(problems),
                                filter(selection.exclude, "exclude", /*keepMatches=*/false));
    problems = llvm::joinErrors(std::move(problems), applyRules(selection.rules));
    if (problems)
      return std::move(problems);
    return std::move(choices);
  }

private:
  llvm::Error filter(llvm::ArrayRef<std::string> texts, llvm::StringRef option, bool keepMatches) {
    if (texts.empty())
      return llvm::Error::success();
    llvm::Expected<std::vector<Pattern>> patterns = patternsOf(texts);
    if (!patterns)
      return patterns.takeError();
    llvm::Error problems = llvm::Error::success();
    std::vector<bool> matched(weights.size());
    for (const auto &[position, pattern] : llvm::enumerate(*patterns)) {
      bool any = false;
      for (const auto &[index, weight] : llvm::enumerate(weights))
        if (weight.layout.elements() >= minElements && pattern.matches(weight))
          any = matched[index] = true;
      if (!any)
        problems = llvm::joinErrors(std::move(problems),
                                    problem((option + "[" + llvm::Twine(position) + "]").str(),
                                            option + " '" + pattern.text() +
                                                "' matches none of the weights" + someNames()));
    }
    for (const auto &[choice, isMatched] : llvm::zip_equal(choices, matched))
      choice.isSelected &= isMatched == keepMatches;
    return problems;
  }

  llvm::Error applyRules(llvm::ArrayRef<std::string> texts) {
    llvm::Expected<std::vector<Pattern>> patterns = patternsOf(texts);
    if (!patterns)
      return patterns.takeError();
    llvm::Error problems = llvm::Error::success();
    for (const auto &[rule, pattern] : llvm::enumerate(*patterns)) {
      bool matches = false, applies = false;
      for (const auto &[choice, weight] : llvm::zip_equal(choices, weights)) {
        if (weight.layout.elements() < minElements || !pattern.matches(weight))
          continue;
        matches = true;
        if (!choice.isSelected || choice.rule)
          continue;
        applies = true;
        choice.rule = rule;
      }
      if (applies)
        continue;
      problems = llvm::joinErrors(
          std::move(problems),
          problem("rules[" + std::to_string(rule) + "].match",
                  "the rule '" + pattern.text() +
                      (matches ? "' never applies: its weights are excluded, or rules before it "
                                 "match them all"
                               : "' matches none of the weights" + someNames())));
    }
    return problems;
  }

  static llvm::Error problem(std::string option, const llvm::Twine &message) {
    return llvm::make_error<OptionError>(std::move(option), message.str());
  }

  /// Examples of what could have been meant.
  std::string someNames() const {
    std::vector<std::string> examples;
    for (const Weight &weight : weights) {
      const std::string &name = weight.modules.empty() ? weight.names.front() : weight.modules[0];
      if (weight.layout.elements() >= minElements && examples.size() < 3)
        examples.push_back("'" + name + "'");
    }
    if (examples.empty())
      return " (there are none of " + std::to_string(minElements) + " elements and more)";
    return " (there are " + llvm::join(examples, ", ") + " …)";
  }

  llvm::ArrayRef<Weight> weights;
  uint64_t minElements;
  std::vector<WeightChoice> choices;
};

} // namespace

llvm::Error checkPattern(llvm::StringRef pattern) { return Pattern::create(pattern).takeError(); }

llvm::Expected<std::vector<WeightChoice>> chooseWeights(llvm::ArrayRef<Weight> weights,
                                                        const WeightSelection &selection) {
  return Selector(weights, selection.minElements).run(selection);
}

} // namespace optrun

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs both sides and compares.

#include "Verification.h"

#include "ChosenInputs.h"
#include "OutputComparison.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace optrun::verify {
namespace {

using runtime::ModelOutputs;
using runtime::NamedValues;
using runtime::RuntimeValue;
using runtime::Session;
using Comparison = VerificationReport::Comparison;

/// A model may list an output twice.
std::vector<std::string> namesOnce(ArrayRef<std::string> names) {
  std::vector<std::string> once;
  for (const std::string &name : names)
    if (!is_contained(once, name))
      once.push_back(name);
  return once;
}

class Verifier {
public:
  Verifier(const VerifyOptions &options, const Subject &subject, PassContext &context)
      : options(options), subject(subject), context(context),
        report(std::make_unique<VerificationReport>()) {}

  Expected<std::unique_ptr<VerificationReport>> run() {
    if (Error error = chooseInputs(options, subject.original->graph()).moveInto(sets))
      return error;
    if (Error error = prepareOriginal())
      return error;
    report->reference = subject.original->name();
    report->exact = options.exact;
    progress =
        context.progress("running models", 2 * (1 + subject.links.size()), Progress::Unit::Items);
    for (bool optimize : {false, true})
      if (Error error = compareRuns({optimize, context.threads()}))
        return error;
    return std::move(report);
  }

private:
  /// Decides how the original is run, and what may differ.
  Error prepareOriginal() {
    std::vector<HalfPrecisionCut> cuts = findHalfPrecisionCuts(subject.components);
    report->tolerance = std::max(options.tolerance, roundingTolerance(cuts));
    if (cuts.empty())
      return Error::success();
    std::string remark;
    raw_string_ostream(remark)
        << cuts.size() << (cuts.size() == 1 ? " value goes" : " values go")
        << " from component to component in half precision: the original is compared with the same "
           "values rounded; with graph optimizations, which undo that, floating-point outputs may "
           "differ by "
        << format("%.1e", report->tolerance);
    context.remark(remark);
    return subject.original->roundAt(cuts, subject.components);
  }

  /// The outputs of the original for every set. Its session is gone when this returns: the
  /// components need the memory.
  Expected<std::vector<ModelOutputs>> runReference(const runtime::SessionOptions &session) {
    Expected<std::unique_ptr<Session>> model = subject.original->open(session);
    if (!model)
      return createStringError("the original model: " + toString(model.takeError()));
    std::vector<ModelOutputs> results;
    std::vector<InputSet> accepted;
    std::vector<std::vector<RuntimeValue>> acceptedAsStated;
    for (size_t i = 0; i != sets.size(); ++i) {
      InputSet &set = sets[i];
      if (Error error = context.checkInterrupted())
        return error;
      Expected<NamedValues> values = loadInputs(set);
      if (!values)
        return values.takeError();
      Expected<ModelOutputs> outputs = runtime::runModel(**model, *values);
      if (!outputs) {
        if (Error error = refused(set, outputs.takeError()))
          return error;
        continue;
      }
      results.push_back(std::move(*outputs));
      accepted.push_back(std::move(set));
      if (i < asStated.size())
        acceptedAsStated.push_back(std::move(asStated[i]));
    }
    sets = std::move(accepted);
    asStated = std::move(acceptedAsStated);
    if (sets.empty())
      return createStringError("the original model runs on none of the generated inputs; give "
                               "inputs that it takes: " +
                               lastRefusal);
    return results;
  }

  /// Generated values are guesses, so the model may refuse some; given ones it has to take.
  Error refused(const InputSet &set, Error error) {
    if (options.inputs)
      return createStringError("the original model does not run on '" + set.label +
                               "': " + toString(std::move(error)));
    lastRefusal = toString(std::move(error));
    context.warning("the original model does not run on generated inputs (" + set.label +
                    "), which are left out: " + lastRefusal);
    return Error::success();
  }

  Expected<std::vector<std::vector<RuntimeValue>>>
  runComponents(ArrayRef<std::string> outputs, const runtime::SessionOptions &session) {
    std::vector<NamedValues> inputs(sets.size());
    for (const auto &[set, values] : zip(sets, inputs))
      if (Error error = loadInputs(set).moveInto(values))
        return error;
    return runChain(
        subject.links, std::move(inputs), outputs, session,
        [&] { return context.checkInterrupted(); }, [&] { progress->advance(1); });
  }

  /// The outputs of both sides on one set of inputs.
  Error compareSet(const std::string &label, const ModelOutputs &expected,
                   ArrayRef<std::string> outputs, ArrayRef<RuntimeValue> actual, bool optimized) {
    for (const auto &[output, value] : zip_equal(outputs, actual)) {
      const RuntimeValue &original =
          expected
              .values[static_cast<size_t>(find(expected.names, output) - expected.names.begin())];
      Expected<Comparison> comparison = compareOutput(output, original, value);
      if (!comparison)
        return comparison.takeError();
      comparison->inputs = label;
      comparison->optimized = optimized;
      // Rounding explains no other token: whole numbers keep the tolerance that was asked for.
      comparison->allowed =
          ir::isFloatingPoint(original.dataType()) ? report->tolerance : options.tolerance;
      report->comparisons.push_back(std::move(*comparison));
    }
    return Error::success();
  }

  Error compareRuns(const runtime::SessionOptions &session) {
    Expected<std::vector<ModelOutputs>> expected = runReference(session);
    if (!expected)
      return expected.takeError();
    progress->advance(1);
    if (session.optimize)
      allowForOptimizations(*expected);
    const std::vector<std::string> outputs = namesOnce(expected->front().names);
    Expected<std::vector<std::vector<RuntimeValue>>> actual = runComponents(outputs, session);
    if (!actual)
      return actual.takeError();
    for (size_t set = 0; set != sets.size(); ++set)
      if (Error error = compareSet(sets[set].label, (*expected)[set], outputs, (*actual)[set],
                                   session.optimize))
        return error;
    if (!session.optimize)
      for (ModelOutputs &each : *expected)
        asStated.push_back(std::move(each.values));
    return Error::success();
  }

  /// Allows for what graph optimizations change in the original itself, whose outputs with them are
  /// \p optimized.
  void allowForOptimizations(ArrayRef<ModelOutputs> optimized) {
    double largest = 0;
    for (const auto &[before, after] : zip_equal(asStated, optimized))
      for (const auto &[stated, changed] : zip_equal(before, after.values)) {
        if (!ir::isFloatingPoint(changed.dataType()))
          continue;
        const double own = compareTensors(viewOf(stated), viewOf(changed)).maxRelative;
        if (std::isfinite(own))
          largest = std::max(largest, own);
      }
    asStated.clear();
    if (OwnDifferences * largest <= report->tolerance)
      return;
    report->tolerance = OwnDifferences * largest;
    std::string remark;
    raw_string_ostream(remark)
        << "ONNX Runtime's graph optimizations change what the original itself computes by up to "
        << format("%.1e", largest) << "; with them, floating-point outputs may differ by "
        << format("%.1e", report->tolerance);
    context.remark(remark);
  }

  /// With optimizations, quantized models are computed in integers where neighbours allow, which is
  /// rounded elsewhere than what they state. At a cut there are other neighbours, so components are
  /// off by other amounts, of the same size. That is no fault of the split, whose results without
  /// optimizations have to be bit-equal.
  static constexpr double OwnDifferences = 4;

  const VerifyOptions &options;
  const Subject &subject;
  PassContext &context;
  std::unique_ptr<VerificationReport> report;
  std::unique_ptr<Progress> progress;
  std::vector<InputSet> sets;
  std::string lastRefusal;
  /// For each of the sets, the original's outputs without optimizations.
  std::vector<std::vector<RuntimeValue>> asStated;
};

} // namespace

Expected<std::unique_ptr<VerificationReport>>
verifyChain(const VerifyOptions &options, const Subject &subject, PassContext &context) {
  return Verifier(options, subject, context).run();
}

} // namespace optrun::verify

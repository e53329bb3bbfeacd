// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs both sides and compares.

#include "Verification.h"

#include "ChosenExtents.h"
#include "Compare.h"
#include "InputFiles.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace optrun::verify {
namespace {

using runtime::ModelOutputs;
using runtime::NamedValues;
using runtime::RuntimeValue;
using runtime::Session;
using Comparison = VerificationReport::Comparison;

TensorView viewOf(const RuntimeValue &value) {
  return {value.dataType(), value.dims(), value.bytes()};
}

Expected<Comparison> compareOutput(const std::string &output, const RuntimeValue &expected,
                                   const RuntimeValue &actual) {
  if (!expected.isTensor() || !actual.isTensor())
    return createStringError("output '" + output +
                             "' is a sequence or a map, which verify cannot "
                             "compare: take verify out of the recipe for this model");
  Comparison comparison;
  comparison.output = output;
  if (expected.dataType() == ir::DataType::String) {
    comparison.bitEqual =
        expected.dims() == actual.dims() && expected.strings() == actual.strings();
    comparison.maxAbsolute = comparison.maxRelative =
        comparison.bitEqual ? 0 : std::numeric_limits<double>::infinity();
    return comparison;
  }
  Difference difference = compareTensors(viewOf(expected), viewOf(actual));
  comparison.bitEqual = difference.bitEqual;
  comparison.maxAbsolute = difference.maxAbsolute;
  comparison.maxRelative = difference.maxRelative;
  return comparison;
}

class Verifier {
public:
  Verifier(const VerifyOptions &options, const Subject &subject, PassContext &context)
      : options(options), subject(subject), context(context),
        report(std::make_unique<VerificationReport>()) {}

  Expected<std::unique_ptr<VerificationReport>> run() {
    if (Error error = makeInputs(subject.original->graph()))
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
  Error makeInputs(const ir::Component &component) {
    if (options.inputs) {
      std::vector<std::string> names;
      for (const ir::Value *input : component.graph.inputs())
        if (!input->isInitializer())
          names.push_back(input->name().str());
      Expected<std::vector<InputSet>> given = readInputs(options.inputs->path, names);
      if (given)
        sets = std::move(*given);
      return given.takeError();
    }
    const std::vector<InputDescription> inputs = describeInputs(component);
    if (Error error = checkAllDescribed(component, inputs))
      return error;
    const std::vector<InputExtents> extents =
        chooseExtents(inputs, countOwnPositions(component), static_cast<size_t>(options.samples));
    for (size_t i = 0; i != extents.size(); ++i) {
      Expected<InputSet> set =
          generateInputs(inputs, extents[i], static_cast<uint64_t>(options.seed), i);
      if (!set)
        return set.takeError();
      sets.push_back(std::move(*set));
    }
    return Error::success();
  }

  static Error checkAllDescribed(const ir::Component &component,
                                 ArrayRef<InputDescription> described) {
    for (const ir::Value *input : component.graph.inputs())
      if (!input->isInitializer() &&
          none_of(described, [&](const auto &each) { return each.name == input->name(); }))
        return createStringError("no values can be generated for the model's input '" +
                                 input->name() + "', whose type or rank is unknown; give inputs");
    return Error::success();
  }

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

  Error compareRuns(const runtime::SessionOptions &session) {
    Expected<std::vector<ModelOutputs>> expected = runReference(session);
    if (!expected)
      return expected.takeError();
    progress->advance(1);
    if (session.optimize)
      allowForOptimizations(*expected);
    std::vector<NamedValues> inputs;
    for (const InputSet &set : sets) {
      Expected<NamedValues> values = loadInputs(set);
      if (!values)
        return values.takeError();
      inputs.push_back(std::move(*values));
    }
    // A model may list an output twice.
    std::vector<std::string> outputs;
    std::vector<size_t> positions;
    for (auto [position, name] : enumerate(expected->front().names))
      if (!is_contained(outputs, name)) {
        outputs.push_back(name);
        positions.push_back(position);
      }
    Expected<std::vector<std::vector<RuntimeValue>>> actual = runChain(
        subject.links, std::move(inputs), outputs, session,
        [&] { return context.checkInterrupted(); }, [&] { return progress->advance(1); });
    if (!actual)
      return actual.takeError();
    for (size_t set = 0; set != sets.size(); ++set)
      for (size_t i = 0; i != outputs.size(); ++i) {
        Expected<Comparison> comparison =
            compareOutput(outputs[i], (*expected)[set].values[positions[i]], (*actual)[set][i]);
        if (!comparison)
          return comparison.takeError();
        comparison->inputs = sets[set].label;
        comparison->optimized = session.optimize;
        // Rounding explains no other token: whole numbers keep the tolerance that was asked for.
        comparison->allowed = ir::isFloatingPoint((*expected)[set].values[positions[i]].dataType())
                                  ? report->tolerance
                                  : options.tolerance;
        report->comparisons.push_back(std::move(*comparison));
      }
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

bool isAllowed(const VerificationReport &report, const Comparison &comparison) {
  if (comparison.bitEqual)
    return true;
  if (report.exact && !comparison.optimized)
    return false;
  return comparison.maxRelative <= comparison.allowed;
}

} // namespace

Expected<std::unique_ptr<VerificationReport>>
verifyChain(const VerifyOptions &options, const Subject &subject, PassContext &context) {
  return Verifier(options, subject, context).run();
}

Error judge(const VerificationReport &report) {
  const Comparison *worst = nullptr;
  size_t failures = 0;
  for (const Comparison &comparison : report.comparisons) {
    if (isAllowed(report, comparison))
      continue;
    ++failures;
    if (!worst || comparison.maxRelative > worst->maxRelative)
      worst = &comparison;
  }
  if (!worst)
    return Error::success();
  std::string message;
  raw_string_ostream os(message);
  os << "the components do not compute what the model computes: output '" << worst->output
     << "' on " << worst->inputs << (worst->optimized ? ", with" : ", without")
     << " graph optimizations, differs by "
     << format("%.3g (relative %.2e)", worst->maxAbsolute, worst->maxRelative) << "; ";
  if (report.exact && !worst->optimized)
    os << "it must be bit-equal. If a pass before changes values on purpose, set exact: false and "
          "a tolerance";
  else
    os << "allowed is " << format("%.2e", worst->allowed);
  os << " (" << failures << " of " << report.comparisons.size() << " comparisons failed)";
  return createStringError(message);
}

} // namespace optrun::verify

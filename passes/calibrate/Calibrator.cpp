// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs a model with probes in ONNX Runtime.

#include "Calibrator.h"

#include "Probes.h"

#include "optrun/Runtime/RunningPass.h"
#include "optrun/Runtime/Session.h"
#include "optrun/Tokens/TokenInputs.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <cstring>

using namespace llvm;

namespace optrun::calibrate {
namespace {

using runtime::ModelOutputs;
using runtime::Session;

/// Windows that run before their sums are added up. Not that of threads: what is added to what, in
/// which order, does not depend on it either way.
constexpr size_t WindowsAtOnce = 64;

/// Windows are what runs in parallel, each on one thread. Once the model is loaded, a scratch file
/// is not needed by name.
Expected<std::unique_ptr<Session>> load(const ir::Component &model, PassContext &context) {
  auto scratchPath = [&]() -> Expected<std::string> { return context.spool().unusedPath(); };
  Expected<runtime::PlacedWeights> weights =
      runtime::placeWeights(model, "writing weights to run with", scratchPath, context);
  if (!weights)
    return weights.takeError();
  Expected<std::vector<uint8_t>> bytes =
      onnx::writeModelToMemory(model, {.external = weights->files.places});
  if (!bytes)
    return bytes.takeError();
  return Session::openFromMemory(*bytes, weights->files.folder, {.optimize = true, .threads = 1});
}

class Calibrator {
public:
  Calibrator(const TokenModel &tokens, const Probes &probes, const TokenData &data,
             PassContext &context)
      : tokens(tokens), probes(probes), data(data), context(context) {
    for (const Probes::Probe &probe : probes.inputs)
      sums.emplace_back(probe.columns);
  }

  Error run(Session &session) {
    std::unique_ptr<Progress> progress = context.progress(
        "calibrating on tokens", data.windowCount() * data.windowTokens(), Progress::Unit::Items);
    for (size_t first = 0; first != data.windowCount();) {
      std::vector<ModelOutputs> outputs(std::min(WindowsAtOnce, data.windowCount() - first));
      auto run = [&](size_t i) -> Error {
        Error error = runWindow(session, first + i).moveInto(outputs[i]);
        progress->advance(data.windowTokens());
        return error;
      };
      if (Error error = context.parallelFor(outputs.size(), run))
        return error;
      for (const auto &[index, window] : enumerate(outputs))
        if (Error error = add(window, first + index))
          return error;
      first += outputs.size();
    }
    return Error::success();
  }

  std::unique_ptr<Importance> importance() const {
    auto result = std::make_unique<Importance>();
    for (const Probes::ProbedWeight &weight : probes.weights) {
      std::vector<double> total(sums[weight.inputs.front()].size());
      for (size_t input : weight.inputs)
        for (const auto &[column, sum] : enumerate(sums[input]))
          total[column] += sum;
      if (any_of(total, [](double sum) { return sum > 0; }))
        result->byWeight[weight.name] = mean(total);
    }
    return result;
  }

private:
  Expected<ModelOutputs> runWindow(Session &session, size_t window) const {
    Expected<std::vector<int64_t>> ids = data.read(window);
    if (!ids)
      return ids.takeError();
    Expected<runtime::NamedValues> inputs = makeInputs(tokens, *ids);
    if (!inputs)
      return inputs.takeError();
    return runtime::runModel(session, *inputs);
  }

  Error add(const ModelOutputs &outputs, size_t window) {
    for (const auto &[probe, sum, value] : zip_equal(probes.inputs, sums, outputs.values)) {
      if (value.bytes().size() != sum.size() * sizeof(float))
        return createStringError("'" + probe.output + "' has " + Twine(value.bytes().size()) +
                                 " bytes, not one number for each of " + Twine(sum.size()) +
                                 " inputs");
      for (size_t column = 0; column != sum.size(); ++column) {
        float square;
        std::memcpy(&square, value.bytes().data() + column * sizeof(float), sizeof(float));
        if (!std::isfinite(square))
          return notFinite(probe, window);
        sum[column] += square;
      }
    }
    return Error::success();
  }

  Error notFinite(const Probes::Probe &probe, size_t window) const {
    return createStringError(
        "what the model computes in the window from " + data.describePlace(window, 0) +
        " on is infinite or NaN, or its squares are ('" + probe.output +
        "'): with such a window nothing can be measured. Leave it out, or capture with "
        "precision: fp32, if it is half precision that overflows");
  }

  std::vector<float> mean(ArrayRef<double> totals) const {
    const auto count = static_cast<double>(data.windowCount() * data.windowTokens());
    std::vector<float> means;
    for (double total : totals)
      means.push_back(static_cast<float>(total / count));
    return means;
  }

  const TokenModel &tokens;
  const Probes &probes;
  const TokenData &data;
  PassContext &context;
  std::vector<std::vector<double>> sums; // of each probe
};

} // namespace

Expected<std::unique_ptr<Importance>> measureImportance(std::unique_ptr<ir::Component> model,
                                                        const TokenModel &tokens,
                                                        const TokenData &data,
                                                        PassContext &context) {
  if (Error error = checkTakesWindows(tokens, data.windowTokens()))
    return error;
  if (Error error = data.checkIds(tokens.vocabulary, [&] { return context.checkInterrupted(); }))
    return error;
  const Probes probes = addProbes(*model);
  if (probes.inputs.empty())
    return createStringError("there is nothing to measure: the model has no product with a weight "
                             "in floating-point numbers");
  if (!probes.left.empty())
    context.warning("the importance of " + Twine(probes.left.size()) + " weights ('" +
                    probes.left.front() + "' is the first) is not measured: Conv, LSTM, GRU, " +
                    "RNN, and products in nested graphs or along other axes than the last, are " +
                    "not probed");
  Expected<std::unique_ptr<Session>> session = load(*model, context);
  if (!session)
    return session.takeError();
  Calibrator calibrator(tokens, probes, data, context);
  if (Error error = calibrator.run(**session))
    return error;
  return calibrator.importance();
}

} // namespace optrun::calibrate

// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Scores windows, position by position.

#include "Scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace optrun::evaluate {

struct Scores::Position {
  double loss = 0, referenceLoss = 0, divergence = 0;
  bool agrees = false;
  Deviation deviation;
};

static Error checkNumbers(const Prediction &prediction, StringRef whose, size_t position) {
  if (!std::isnan(prediction.logSum))
    return Error::success();
  return createStringError("the " + whose + "'s logits at position " + Twine(position) +
                           " are no distribution: some are NaN or infinite, or all are -inf");
}

static Error checkVocabulary(ArrayRef<int64_t> ids, size_t vocabulary) {
  for (int64_t id : ids)
    if (static_cast<uint64_t>(id) >= vocabulary)
      return createStringError("the token id " + Twine(id) + " has none of the " +
                               Twine(vocabulary) + " logits");
  return Error::success();
}

Error Scores::score(ArrayRef<int64_t> ids, size_t position, const WindowLogits &logits,
                    Position &result) {
  std::vector<float> buffer, referenceBuffer;
  Expected<ArrayRef<float>> row = logits.model.row(position, buffer);
  if (!row)
    return row.takeError();
  const Prediction model = predict(*row);
  if (Error error = checkNumbers(model, "model", position))
    return error;
  const bool hasNext = position + 1 != ids.size();
  const size_t next = hasNext ? static_cast<size_t>(ids[position + 1]) : 0;
  if (hasNext)
    result.loss = lossOf(model, next);
  if (!logits.reference)
    return Error::success();

  Expected<ArrayRef<float>> referenceRow = logits.reference->row(position, referenceBuffer);
  if (!referenceRow)
    return referenceRow.takeError();
  const Prediction reference = predict(*referenceRow);
  if (Error error = checkNumbers(reference, "reference", position))
    return error;
  if (hasNext)
    result.referenceLoss = lossOf(reference, next);
  result.agrees = model.top == reference.top;
  result.divergence = evaluate::divergence(reference, model);
  result.deviation = deviation(*referenceRow, *row);
  return Error::success();
}

Error Scores::add(ArrayRef<int64_t> ids, const WindowLogits &logits, PassContext &context) {
  if (logits.reference && logits.reference->vocabulary() != logits.model.vocabulary())
    return createStringError("the model gives " + Twine(logits.model.vocabulary()) +
                             " logits for each position, the reference " +
                             Twine(logits.reference->vocabulary()));
  if (Error error = checkVocabulary(ids, logits.model.vocabulary()))
    return error;
  std::vector<Position> window(ids.size());
  if (Error error = context.parallelFor(ids.size(),
                                        [&](size_t i) { return score(ids, i, logits, window[i]); }))
    return error;
  for (const Position &position : window) {
    loss += position.loss;
    referenceLoss += position.referenceLoss;
    divergences += position.divergence;
    agreeing += position.agrees;
    maxAbsolute = std::max(maxAbsolute, position.deviation.maxAbsolute);
    largestReference = std::max(largestReference, position.deviation.largestReference);
  }
  positions += ids.size();
  scored += ids.size() - 1;
  return Error::success();
}

double Scores::perplexity() const { return std::exp(loss / static_cast<double>(scored)); }
double Scores::referencePerplexity() const {
  return std::exp(referenceLoss / static_cast<double>(scored));
}
double Scores::agreement() const {
  return static_cast<double>(agreeing) / static_cast<double>(positions);
}
double Scores::divergence() const { return divergences / static_cast<double>(positions); }

double Scores::maxRelativeError() const {
  if (maxAbsolute == 0)
    return 0;
  return largestReference > 0 ? maxAbsolute / largestReference
                              : std::numeric_limits<double>::infinity();
}

} // namespace optrun::evaluate
